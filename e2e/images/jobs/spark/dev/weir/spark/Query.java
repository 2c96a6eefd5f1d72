package dev.weir.spark;

import org.apache.spark.sql.SparkSession;

/** A client of Spark Connect, of the server that SPARK_REMOTE names: asks it one thing and says what it answered. */
public final class Query {
    private Query() {}

    public static void main(String[] args) {
        SparkSession session = SparkSession.builder().getOrCreate();
        long even = session.range(0, 1000, 1, 4).filter("id % 2 = 0").count();
        System.out.println("weir: " + even + " of 1000 are even, says Spark " + session.version());
        session.stop();
    }
}
