package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import java.util.Arrays;
import java.util.List;

/**
 * What every drawing of a thing has in common, computed and not learned: where edges run which way, weak ones nearly as much as
 * strong ones, and which colour is roughly where. Histograms of oriented gradients (Dalal and Triggs 2005, "Histograms of oriented
 * gradients for human detection", section 6) of every channel on its own, beside the mean colour of cells. With few images a fixed
 * first layer leaves less to learn wrongly (Oyallon, Belilovsky and Zagoruyko 2017, "Scaling the scattering transform: deep hybrid networks").
 *
 * <pre>
 *  d_k = cos(pi k / K) dv/dx + sin(pi k / K) dv/dy,   |d|^2 = (dv/dx)^2 + (dv/dy)^2
 *  h_k = mean over a window of max(0, |d_k| - 3/4 |d|)
 *  out_k = h_k / sqrt(sum_l h_l^2 + 0.05^2)
 * </pre>
 *
 * <p>v is a channel over middle grey; windows of 8 x 8 pixels lie around cells of 4 x 4.
 *
 * <p>Deviations from the paper: an edge counts for all directions that are within 41 degrees of its own, a channel is normalised
 * within a window and not over several, and none is dropped for a stronger one.
 */
public final class OrientedGradients {
    /** Edge of a cell, in pixels. */
    public static final int CELL = 4;

    private static final int CHANNELS = 4;
    private static final float NEAR = 0.75f; // share of a gradient that its directions must have
    private static final float SOFTNESS = 0.05f;
    private static final float TINY = 1e-12f; // keeps roots of nothing away from 0

    private final Planes image;
    private final int orientations;

    /** For images of four channels, the last of which is alpha that the others were multiplied by. */
    OrientedGradients(Planes image, int orientations) {
        this.image = image;
        this.orientations = orientations;
    }

    /** Size of what it makes of an image. */
    Planes planes() {
        return new Planes(CHANNELS * (orientations + 1), image.height() / CELL, image.width() / CELL);
    }

    /** (B, 4, H, W) to (B, 4 K + 4, H / 4, W / 4): the histograms of every channel, then the colours, from -1 to 1. */
    <T> T apply(Ops<T> ops, T x) {
        Planes cells = planes();
        T histograms = ops.permute(histograms(ops, overGrey(ops, x)), 0, 3, 4, 1, 2); // (B, H / 4, W / 4, 4, K)
        T first = ops.reshape(histograms, -1, cells.height(), cells.width(), CHANNELS * orientations);
        T means = ops.permute(mean(ops, x, CELL), 0, 2, 3, 1); // (B, H / 4, W / 4, 4)
        T colours = ops.subtract(ops.multiply(means, ops.number(2)), ops.number(1));
        return ops.permute(ops.concatenate(List.of(first, colours)), 0, 3, 1, 2);
    }

    /** Colours above and below middle grey, which transparent pixels have. */
    private static <T> T overGrey(Ops<T> ops, T x) {
        T alpha = ops.narrow(x, 1, CHANNELS - 1, 1);
        return ops.subtract(x, ops.multiply(alpha, ops.constant(new float[] {0.5f, 0.5f, 0.5f, 0}, 1, CHANNELS, 1, 1)));
    }

    /** (B, 4, H, W) to (B, 4, K, H / 4, W / 4). */
    private <T> T histograms(Ops<T> ops, T v) {
        T right = ops.exactMatmul(v, ops.constant(differences(image.width(), false), image.width(), image.width()));
        T down = ops.exactMatmul(ops.constant(differences(image.height(), true), image.height(), image.height()), v);
        T length = ops.power(
                ops.add(ops.add(ops.multiply(right, right), ops.multiply(down, down)), ops.number(TINY)), 0.5f);
        T along = ops.add(
                ops.multiply(ops.unsqueeze(right, 2), directions(ops, 0)),
                ops.multiply(ops.unsqueeze(down, 2), directions(ops, -Math.PI / 2))); // (B, 4, K, H, W)
        T near = ops.relu(ops.subtract(ops.absolute(along), ops.unsqueeze(ops.multiply(length, ops.number(NEAR)), 2)));
        return normalised(ops, mean(ops, near, 2 * CELL));
    }

    /** cos(angle + pi k / K) of every k: (1, 1, K, 1, 1). */
    private <T> T directions(Ops<T> ops, double angle) {
        float[] cosines = new float[orientations];
        for (int k = 0; k < orientations; k++) {
            cosines[k] = (float) Math.cos(angle + Math.PI * k / orientations);
        }
        return ops.constant(cosines, 1, 1, orientations, 1, 1);
    }

    private <T> T normalised(Ops<T> ops, T h) {
        T last = ops.permute(h, 0, 1, 3, 4, 2);
        float[] ones = new float[orientations * orientations];
        Arrays.fill(ones, 1);
        T squares = ops.exactMatmul(ops.multiply(last, last), ops.constant(ones, orientations, orientations));
        T lengths = ops.power(ops.add(squares, ops.number(SOFTNESS * SOFTNESS)), -0.5f);
        return ops.permute(ops.multiply(last, lengths), 0, 1, 4, 2, 3);
    }

    /** Means over windows of this edge around the cells, nothing being outside: (.., H, W) to (.., H / 4, W / 4). */
    private <T> T mean(Ops<T> ops, T x, int window) {
        T rows = ops.constant(windows(image.height(), window, true), image.height() / CELL, image.height());
        T columns = ops.constant(windows(image.width(), window, false), image.width(), image.width() / CELL);
        return ops.exactMatmul(ops.exactMatmul(rows, x), columns);
    }

    /** The matrix of v(i + 1) - v(i - 1) of a line, 0 at its ends: of columns, or of rows. */
    private static float[] differences(int size, boolean inRows) {
        float[] matrix = new float[size * size];
        for (int i = 1; i < size - 1; i++) {
            matrix[inRows ? i * size + i + 1 : (i + 1) * size + i] = 1;
            matrix[inRows ? i * size + i - 1 : (i - 1) * size + i] = -1;
        }
        return matrix;
    }

    /** The matrix of means over windows of a line. */
    private static float[] windows(int size, int window, boolean inRows) {
        int cells = size / CELL;
        float[] matrix = new float[cells * size];
        for (int cell = 0; cell < cells; cell++) {
            int start = cell * CELL + CELL / 2 - window / 2;
            for (int i = Math.max(0, start); i < Math.min(size, start + window); i++) {
                matrix[inRows ? cell * size + i : i * cells + cell] = 1f / window;
            }
        }
        return matrix;
    }
}
