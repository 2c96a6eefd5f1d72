package dev.weir.spark;

/** An application that ends itself with the exit code {@code --exit N} before it has begun anything. */
public final class Fails {
    private Fails() {}

    public static void main(String[] args) {
        System.out.println("weir: deliberate failure");
        System.exit(new Options(args).number("exit"));
    }
}
