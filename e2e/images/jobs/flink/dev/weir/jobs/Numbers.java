package dev.weir.jobs;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The sources that all jobs share: whole numbers, so few a second that a job costs next to no CPU. */
final class Numbers {
    private Numbers() {}

    /** 0, 1, 2 … without end; every subtask has a part of them. */
    static SingleOutputStreamOperator<Long> slowly(StreamExecutionEnvironment env) {
        GeneratorFunction<Long, Long> itself = number -> number;
        DataGeneratorSource<Long> source =
                new DataGeneratorSource<>(itself, Long.MAX_VALUE, RateLimiterStrategy.perSecond(5), Types.LONG);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers").uid("numbers");
    }

    /**
     * 1, 2, 3 … up to the last one, in order and none left out: one subtask whatever the scheduler, whose state is where
     * it is in the sequence.
     */
    static SingleOutputStreamOperator<Long> inOrder(StreamExecutionEnvironment env, long last, double perSecond) {
        GeneratorFunction<Long, Long> next = index -> index + 1;
        DataGeneratorSource<Long> source =
                new DataGeneratorSource<>(next, last, RateLimiterStrategy.perSecond(perSecond), Types.LONG);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers")
                .uid("numbers")
                .setParallelism(1)
                .setMaxParallelism(1);
    }
}
