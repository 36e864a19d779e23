package io.scanline.trainer.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Chooses test images by a hash of their paths, so that a file stays on its side when others come or go.
 *
 * @param test paths of the test images
 */
record PathSplit(Set<String> test) {
    private static final int ONE_IN = 10;

    /** About one path in ten is for testing, and of two or more at least one for each purpose; of one, none. */
    static PathSplit of(List<String> paths) {
        Set<String> chosen = paths.stream()
                .filter(path -> Long.remainderUnsigned(hash(path), ONE_IN) == 0)
                .collect(Collectors.toSet());
        if (chosen.isEmpty() || chosen.size() == paths.size()) {
            chosen = paths.stream()
                    .sorted(Comparator.comparingLong(PathSplit::hash))
                    .limit(paths.size() > 1 ? 1 : 0)
                    .collect(Collectors.toSet());
        }
        return new PathSplit(chosen);
    }

    private static long hash(String path) {
        try (Sha256 digest = new Sha256()) {
            digest.write(path.getBytes(StandardCharsets.UTF_8));
            return Long.parseUnsignedLong(digest.hexadecimal().substring(0, 16), 16);
        } catch (IOException impossible) {
            throw new AssertionError("a digest does not fail", impossible);
        }
    }
}
