package dev.weir.jobs;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;

/** What each record costs: a time in which its task does nothing else. A file can say another while the job runs. */
final class Work implements Serializable {
    private static final long serialVersionUID = 1;
    private static final long LOOK_AGAIN_NANOS = 1_000_000_000;

    private final long milliseconds;
    private final String file;
    private transient long current;
    private transient long lookedAt;

    /**
     * @param milliseconds what a record costs while there is no file
     * @param file holds another number once it is there; empty for none
     */
    Work(long milliseconds, String file) {
        this.milliseconds = milliseconds;
        this.file = file;
    }

    void doOne() throws IOException, InterruptedException {
        long now = System.nanoTime();
        if (lookedAt == 0 || now - lookedAt > LOOK_AGAIN_NANOS) {
            lookedAt = now;
            current = look();
        }
        if (current > 0) {
            Thread.sleep(current);
        }
    }

    private long look() throws IOException {
        if (file.isEmpty() || !Files.exists(Path.of(file))) {
            return milliseconds;
        }
        String text = Files.readString(Path.of(file)).trim();
        return text.isEmpty() ? milliseconds : Long.parseLong(text);
    }
}
