package dev.weir.spark;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** An application whose driver takes memory beside its heap until the container has none left. */
public final class Greedy {
    private static final int PIECE = 16 << 20;

    private Greedy() {}

    public static void main(String[] args) {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
            System.out.println("weir: taking memory for " + context.sc().applicationId());
            List<ByteBuffer> taken = new ArrayList<>();
            while (true) {
                ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
                for (int at = 0; at < PIECE; at += 1024) {
                    piece.put(at, (byte) 1);
                }
                taken.add(piece);
            }
        }
    }
}
