package dev.weir.spark;

import java.util.ArrayList;
import java.util.List;

/** Arguments of the form {@code --name value}; a name may come more than once. */
final class Options {
    private final String[] args;

    Options(String[] args) {
        if (args.length % 2 != 0) {
            throw new IllegalArgumentException("every option has a name and a value: " + String.join(" ", args));
        }
        this.args = args;
    }

    /** Every value given under the name, in order. */
    List<String> all(String name) {
        List<String> found = new ArrayList<>();
        for (int at = 0; at < args.length; at += 2) {
            if (args[at].equals("--" + name)) {
                found.add(args[at + 1]);
            }
        }
        return found;
    }

    /** The last value given under the name, a whole number; throws if there is none. */
    int number(String name) {
        List<String> found = all(name);
        if (found.isEmpty()) {
            throw new IllegalArgumentException("--" + name + " is missing");
        }
        return Integer.parseInt(found.get(found.size() - 1));
    }
}
