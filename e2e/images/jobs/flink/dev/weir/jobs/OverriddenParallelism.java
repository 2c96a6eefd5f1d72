package dev.weir.jobs;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job whose code sets the parallelism ({@code --parallelism N}) and so wins over every configuration: three operators,
 * each a vertex of its own.
 */
public final class OverriddenParallelism {
    private OverriddenParallelism() {}

    public static void main(String[] args) throws Exception {
        if (args.length != 2 || !args[0].equals("--parallelism")) {
            throw new IllegalArgumentException("usage: OverriddenParallelism --parallelism N");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(Integer.parseInt(args[1]));
        env.disableOperatorChaining();
        Numbers.slowly(env)
                .map(number -> number + 1)
                .returns(Types.LONG)
                .name("increment")
                .uid("increment")
                .sinkTo(new DiscardingSink<>())
                .name("discard")
                .uid("discard");
        env.execute("overridden parallelism");
    }
}
