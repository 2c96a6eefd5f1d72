package dev.weir.jobs;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The source that all jobs share: whole numbers without end, so few a second that a job costs next to no CPU. */
final class Numbers {
    private Numbers() {}

    static SingleOutputStreamOperator<Long> slowly(StreamExecutionEnvironment env) {
        GeneratorFunction<Long, Long> itself = number -> number;
        DataGeneratorSource<Long> source =
                new DataGeneratorSource<>(itself, Long.MAX_VALUE, RateLimiterStrategy.perSecond(5), Types.LONG);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers").uid("numbers");
    }
}
