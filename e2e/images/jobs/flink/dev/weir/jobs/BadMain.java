package dev.weir.jobs;

/** A job that never is one: its main method throws before anything is submitted. */
public final class BadMain {
    private BadMain() {}

    public static void main(String[] args) {
        throw new IllegalArgumentException("weir: deliberate failure of main");
    }
}
