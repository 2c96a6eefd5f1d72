package dev.weir.spark;

import java.util.Collections;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * An application that is busy and then idle, as long as it is let: work for {@code --tasks} slots, {@code --busy} seconds
 * of it, then nothing for {@code --idle} seconds.
 */
public final class Waves {
    private Waves() {}

    public static void main(String[] args) throws InterruptedException {
        Options options = new Options(args);
        int tasks = options.number("tasks");
        long busy = options.number("busy") * 1000L;
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
            context.parallelize(Collections.nCopies(tasks, busy), tasks).foreach(Thread::sleep);
            System.out.println("weir: " + tasks + " tasks are done");
            Thread.sleep(options.number("idle") * 1000L);
        }
    }
}
