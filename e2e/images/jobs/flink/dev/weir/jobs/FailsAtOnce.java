package dev.weir.jobs;

import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** A job that starts well and fails at its second record, each time it is restarted. */
public final class FailsAtOnce {
    private FailsAtOnce() {}

    public static void main(String[] args) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        Numbers.slowly(env)
                .map(FailsAtOnce::passFirst)
                .returns(Types.LONG)
                .name("fail")
                .uid("fail")
                .sinkTo(new DiscardingSink<>())
                .name("discard")
                .uid("discard");
        env.execute("fails at once");
    }

    private static Long passFirst(Long number) {
        if (number > 0) {
            throw new IllegalStateException("weir: deliberate failure");
        }
        return number;
    }
}
