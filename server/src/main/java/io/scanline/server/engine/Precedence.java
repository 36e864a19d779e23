package io.scanline.server.engine;

import java.util.Objects;

/**
 * What decides whose turn comes first among those who wait.
 *
 * @param client who asks; requests of the same client share its turns
 * @param priority how urgent it is
 */
public record Precedence(String client, Priority priority) {
    /** Of a request that says nothing of itself. */
    public static final Precedence ORDINARY = new Precedence("", Priority.NORMAL);

    /** Nothing is null. */
    public Precedence {
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(priority, "priority");
    }
}
