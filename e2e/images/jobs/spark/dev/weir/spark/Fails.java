package dev.weir.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** An application that starts well and then ends itself with the exit code {@code --exit N}. */
public final class Fails {
    private Fails() {}

    public static void main(String[] args) {
        if (args.length != 2 || !args[0].equals("--exit")) {
            throw new IllegalArgumentException("usage: Fails --exit N");
        }
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
            System.out.println("weir: deliberate failure of " + context.sc().applicationId());
        }
        System.exit(Integer.parseInt(args[1]));
    }
}
