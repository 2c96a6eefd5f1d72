package dev.weir.spark;

import java.util.Collections;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * An application that says what it finds around it, once for the driver and once for an executor, each in a line of JSON
 * after {@code weir: }: the variables named by {@code --env}, the files named by {@code --file}, its local folders, its
 * memory and processors. Then it stays for {@code --stay} seconds.
 */
public final class Inspect {
    private Inspect() {}

    public static void main(String[] args) throws InterruptedException {
        Options options = new Options(args);
        Surroundings wanted = new Surroundings(options.all("env"), options.all("file"));
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
            System.out.println("weir: " + wanted.describe("driver"));
            String executor = context.parallelize(Collections.singletonList(wanted), 1)
                    .map(surroundings -> surroundings.describe("executor"))
                    .first();
            System.out.println("weir: " + executor);
            Thread.sleep(options.number("stay") * 1000L);
        }
    }
}
