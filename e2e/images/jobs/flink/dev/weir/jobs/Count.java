package dev.weir.jobs;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job that proves what happened to its state: it counts numbers that come in order, and fails when its count goes
 * back, jumps or is lost. What it counted and what it began with are accumulators, see {@link Counter}.
 */
public final class Count {
    private Count() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> options = parse(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        if (options.containsKey("checkpoint-interval")) {
            env.enableCheckpointing(Long.parseLong(options.get("checkpoint-interval")));
        }
        long last = Long.parseLong(options.get("last"));
        var counted = Numbers.inOrder(env, last, Double.parseDouble(options.get("per-second")))
                .keyBy(Counter::laneOf, Types.LONG)
                .process(new Counter(
                        Long.parseLong(options.get("fail-after")),
                        options.get("lost-state").equals("accept"),
                        new Work(Long.parseLong(options.get("work-ms")), options.get("work-file"))))
                .returns(Types.LONG)
                .name("count")
                .uid(options.get("uid"));
        if (options.containsKey("parallelism")) {
            counted.setParallelism(Integer.parseInt(options.get("parallelism")));
        }
        counted.sinkTo(new DiscardingSink<>()).name("discard").uid("discard");
        env.execute(options.get("name"));
    }

    /** The options with their defaults; those without one are absent unless given. */
    private static Map<String, String> parse(String[] args) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("name", "count");
        options.put("uid", "count");
        options.put("per-second", "20");
        options.put("last", String.valueOf(Long.MAX_VALUE));
        options.put("fail-after", String.valueOf(Long.MAX_VALUE));
        options.put("lost-state", "fail");
        options.put("work-ms", "0");
        options.put("work-file", "");
        for (int at = 0; at + 1 < args.length; at += 2) {
            String name = args[at].replaceFirst("^--", "");
            if (!options.containsKey(name) && !name.equals("checkpoint-interval") && !name.equals("parallelism")) {
                throw new IllegalArgumentException("not an option of Count: " + args[at]);
            }
            options.put(name, args[at + 1]);
        }
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "usage: Count [--name NAME] [--uid ID] [--parallelism N] [--checkpoint-interval MILLISECONDS]"
                            + " [--per-second N] [--last N] [--fail-after N] [--lost-state fail|accept]"
                            + " [--work-ms MILLISECONDS] [--work-file PATH]");
        }
        return options;
    }
}
