package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;

/**
 * Brings what images show to one place and size, whatever the margin that is left around it: moment normalisation (Hu 1962,
 * "Visual pattern recognition by moment invariants", section IV; Casey 1970, "Moment normalization of handprinted characters"). By
 * the moments of alpha a about the image's middle,
 *
 * <pre>
 *  m_ij = sum_xy x^i y^j a(x, y)
 *  c = (m_10, m_01) / m_00
 *  s^2 = ((m_20 + m_02) / m_00 - |c|^2) / 2
 * </pre>
 *
 * <p>what is seen is the square of edge {@code extent} s about c, interpolated linearly; outside of an image all is transparent.
 * A disc is 4 s wide, a square 3.46 s.
 *
 * <p>Deviations from the papers: both axes are scaled alike, images are not turned, and s is at least one pixel.
 */
public final class Framing {
    private static final int ALPHA = 3;
    private static final int POWERS = 3; // 1, x, x^2
    private static final float SHOWN_AT_LEAST = 1e-3f; // of an image that shows nothing
    private static final float LEAST_VARIANCE = 1; // square pixels

    private final Planes image;
    private final Frame frame;

    /**
     * What is seen.
     *
     * @param extent edge of the square, in standard deviations of what is shown
     * @param shift how far training moves the square either way, in pixels of what is seen
     * @param zoom how much larger or smaller training makes it, as a share
     */
    public record Frame(double extent, double shift, double zoom) {
        /** Whether the numbers are in range. */
        public boolean inRange() {
            return extent >= 1 && extent <= 16 && shift >= 0 && shift <= 8 && zoom >= 0 && zoom <= 0.5;
        }
    }

    /** For images of four channels, the last of which is alpha that the others were multiplied by. */
    Framing(Planes image, Frame frame) {
        this.image = image;
        this.frame = frame;
    }

    /** (B, 4, H, W) to the same of what is seen. */
    <T> T apply(Ops<T> ops, T x) {
        T alpha = ops.reshape(ops.narrow(x, 1, ALPHA, 1), -1, image.height(), image.width());
        T rows = ops.constant(powers(image.height(), true), POWERS, image.height());
        T columns = ops.constant(powers(image.width(), false), image.width(), POWERS);
        T moments = ops.exactMatmul(ops.exactMatmul(rows, alpha), columns); // (B, 3, 3), by powers of y, then of x
        T shown = ops.power(ops.add(moment(ops, moments, 0, 0), ops.number(SHOWN_AT_LEAST)), -1);
        T middleX = ops.multiply(moment(ops, moments, 1, 0), shown); // (B, 1, 1), as are the next ones
        T middleY = ops.multiply(moment(ops, moments, 0, 1), shown);
        T squares = ops.multiply(ops.add(moment(ops, moments, 2, 0), moment(ops, moments, 0, 2)), shown);
        T away = ops.add(ops.multiply(middleX, middleX), ops.multiply(middleY, middleY));
        T variance = ops.multiply(ops.subtract(squares, away), ops.number(0.5f));
        T least = ops.number(LEAST_VARIANCE);
        T deviation = ops.power(ops.add(ops.relu(ops.subtract(variance, least)), least), 0.5f);
        T edge = ops.multiply(deviation, ops.number((float) frame.extent()));
        T drawn = ops.jitter(edge, edge, (float) frame.zoom());
        T right = ops.jitter(middleX, edge, (float) (frame.shift() / image.width()));
        T down = ops.jitter(middleY, edge, (float) (frame.shift() / image.height()));
        T fromRows = ops.unsqueeze(shares(ops, down, drawn, image.height()), 1); // (B, 1, H, H)
        T fromColumns = ops.permute(ops.unsqueeze(shares(ops, right, drawn, image.width()), 1), 0, 1, 3, 2);
        return ops.exactMatmul(ops.exactMatmul(fromRows, x), fromColumns);
    }

    /** Sum of x^i y^j a: (B, 1, 1). */
    private static <T> T moment(Ops<T> ops, T moments, int i, int j) {
        return ops.narrow(ops.narrow(moments, 1, j, 1), 2, i, 1);
    }

    /**
     * How much of every place of a line another one is made of: max(0, 1 - |distance|).
     *
     * @param middle (B, 1, 1), from that of the line
     * @param edge (B, 1, 1) that is seen of it
     * @return (B, size, size): what becomes of a place in a row
     */
    private static <T> T shares(Ops<T> ops, T middle, T edge, int size) {
        float[] across = new float[size];
        for (int i = 0; i < size; i++) {
            across[i] = (i + 0.5f) / size - 0.5f;
        }
        T seen = ops.add(ops.multiply(edge, ops.constant(across, 1, size, 1)), middle);
        T distance = ops.subtract(seen, ops.constant(places(size), 1, 1, size));
        return ops.relu(ops.subtract(ops.number(1), ops.absolute(distance)));
    }

    /** Places of a line, from its middle. */
    private static float[] places(int size) {
        float[] places = new float[size];
        for (int i = 0; i < size; i++) {
            places[i] = i - (size - 1) / 2f;
        }
        return places;
    }

    /** 1, x, x^2 of every place x: one behind the other, or beside one another. */
    private static float[] powers(int size, boolean inRows) {
        float[] places = places(size);
        float[] powers = new float[POWERS * size];
        for (int i = 0; i < size; i++) {
            for (int power = 0; power < POWERS; power++) {
                powers[inRows ? power * size + i : i * POWERS + power] = (float) Math.pow(places[i], power);
            }
        }
        return powers;
    }
}
