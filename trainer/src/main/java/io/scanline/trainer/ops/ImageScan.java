package io.scanline.trainer.ops;

import io.scanline.bundle.v1.Offset;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrence over whole images, line by line: rows, or diagonals as columns of the skewed image.
 *
 * @param ops that compute
 * @param shapes the same interpreter's
 * @param rows of the image
 */
record ImageScan<T>(Ops<T> ops, Shapes<T> shapes, Recurrence recurrence, int rows) {
    /** From the recurrence's input (B, S, D) to its result (B, S, h). */
    T apply(T input) {
        int columns = recurrence.columns();
        T image = shapes.reshape(input, 0, rows, columns, -1);
        T scanned = switch (recurrence.sweep()) {
            case DOWN -> shapes.stack(scan(shapes.unbind(image, 1, rows), columns), 1);
            case TO_THE_RIGHT -> diagonals(image);
            case TO_THE_LEFT -> oneRowDown(shapes.flip(diagonals(shapes.flip(image, 2)), 2));
        };
        return shapes.reshape(scanned, 0, (long) rows * columns, -1);
    }

    private T diagonals(T image) {
        Skew skew = new Skew(rows, recurrence.columns());
        List<T> diagonals = shapes.unbind(skew.apply(shapes, image), 2, skew.diagonals());
        return skew.undo(shapes, shapes.stack(scan(diagonals, rows), 2));
    }

    private T oneRowDown(T image) {
        return shapes.slice(shapes.pad(image, 1, 1, 0), 1, 0, rows);
    }

    /** Lines (B, n, D), the first to compute first, to what they give, each (B, n, h). */
    private List<T> scan(List<T> lines, int length) {
        List<T> before = recurrence.carried().stream()
                .map(carried -> shapes.zeros(lines.get(0), carried.width()))
                .toList();
        List<T> results = new ArrayList<>();
        for (T line : lines) {
            before = recurrence.step(ops, line, read(before, length));
            results.add(before.get(0));
        }
        return results;
    }

    private List<T> read(List<T> before, int length) {
        List<T> read = new ArrayList<>();
        for (int carried = 0; carried < before.size(); carried++) {
            List<T> parts = new ArrayList<>();
            for (Offset offset : recurrence.carried().get(carried).offsets()) {
                parts.add(shifted(before.get(carried), recurrence.sweep().shift(offset), length));
            }
            read.add(parts.size() == 1 ? parts.get(0) : ops.concatenate(parts));
        }
        return read;
    }

    /** The vectors {@code by} further on in a line (B, n, h), zeros beyond its ends. */
    private T shifted(T line, int by, int length) {
        if (by == 0) {
            return line;
        }
        return by < 0
                ? shapes.slice(shapes.pad(line, 1, -by, 0), 1, 0, length)
                : shapes.slice(shapes.pad(line, 1, 0, by), 1, by, length + by);
    }
}
