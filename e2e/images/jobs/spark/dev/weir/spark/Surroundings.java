package dev.weir.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a process is to tell of the container it runs in; it can be sent to another process to tell of that one. */
final class Surroundings implements Serializable {
    private static final long serialVersionUID = 1;
    private static final List<String> MEMORY_LIMITS =
            List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes");

    private final List<String> variables;
    private final List<String> files;

    Surroundings(List<String> variables, List<String> files) {
        this.variables = variables;
        this.files = files;
    }

    /** One line of JSON. What cannot be read is told in place of its content. */
    String describe(String role) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("role", role);
        Map<String, String> environment = new LinkedHashMap<>();
        variables.forEach(name -> environment.put(name, System.getenv(name)));
        found.put("env", environment);
        Map<String, String> contents = new LinkedHashMap<>();
        files.forEach(path -> contents.put(path, contentOf(path)));
        found.put("files", contents);
        found.put("localDirs", localFolders());
        found.put("heapMib", Runtime.getRuntime().maxMemory() >> 20);
        found.put("containerMib", containerMemory() >> 20);
        found.put("processors", Runtime.getRuntime().availableProcessors());
        found.put("slots", System.getenv("SPARK_EXECUTOR_CORES"));
        try {
            return new ObjectMapper().writeValueAsString(found);
        } catch (JsonProcessingException error) {
            throw new IllegalStateException(error);
        }
    }

    private static String contentOf(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException error) {
            return error.toString();
        }
    }

    /** Spark's local folders with the device each is on. */
    private static List<String> localFolders() {
        List<String> found = new ArrayList<>();
        for (String folder : System.getenv("SPARK_LOCAL_DIRS").split(",")) {
            found.add(folder + " " + fileSystemOf(folder));
        }
        return found;
    }

    private static String fileSystemOf(String folder) {
        try {
            String type = Files.getFileStore(Path.of(folder)).type();
            return Files.isWritable(Path.of(folder)) ? type : type + ", not writable";
        } catch (IOException error) {
            return error.toString();
        }
    }

    /** The limit of the container's memory in bytes; 0 where none can be read. */
    private static long containerMemory() {
        for (String path : MEMORY_LIMITS) {
            String content = contentOf(path);
            if (content.matches("\\d+")) {
                return Long.parseLong(content);
            }
        }
        return 0;
    }
}
