package io.scanline.trainer.export;

/**
 * What the bytes 0 to 255 stand for, as ONNX's QuantizeLinear makes them: byte b is (b - zero) step. What is beyond the first or
 * the last is cut off.
 *
 * @param step from one byte to the next
 * @param zero the byte that stands for 0, without sign
 */
record ByteRange(float step, int zero) {
    private static final int LAST = 255;
    private static final double NEAR = 1e-4; // of a step

    /** The range that reaches from one number to another one, or to 0 where both are on one side of it. */
    static ByteRange of(float smallest, float largest) {
        float first = Math.min(0, smallest);
        float last = Math.max(0, largest);
        float step = first == last ? 1 : (last - first) / LAST;
        return new ByteRange(step, (int) Math.rint(-first / step));
    }

    /** What the byte nearest to a number stands for. */
    double nearest(double number) {
        double steps = Math.rint(number / step);
        return Math.max(-zero, Math.min(LAST - zero, steps)) * step;
    }

    /** Whether a number is so near the middle between two bytes that another arithmetic may find the other one. */
    boolean isBetween(double number) {
        double steps = number / step;
        return steps > -zero
                && steps < LAST - zero
                && Math.abs(steps - Math.floor(steps) - 0.5) < NEAR;
    }
}
