package io.scanline.server.engine;

import java.util.OptionalInt;

/**
 * The class a client asked for.
 *
 * @param index class index, if given
 * @param name class name, compared without regard to case; empty: not given
 */
public record ClassSelector(OptionalInt index, String name) {
    /** No class given. */
    public static final ClassSelector NONE = new ClassSelector(OptionalInt.empty(), "");

    /** Whether the client named no class at all. */
    public boolean isEmpty() {
        return index.isEmpty() && name.isEmpty();
    }
}
