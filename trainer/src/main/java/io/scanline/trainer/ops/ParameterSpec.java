package io.scanline.trainer.ops;

import java.util.Arrays;

/**
 * A tensor of a network that training changes.
 *
 * @param name unique in the network, dots between levels, e.g. "block3.mlp.up.weight"
 * @param shape its dimensions
 * @param initial how it starts
 * @param scale standard deviation for NORMAL, the value for CONSTANT
 * @param decay whether weight decay applies: matrices yes; biases, gains and embeddings no
 * @param descends whether the optimiser moves it down its gradient; otherwise the objective changes it after every step
 */
public record ParameterSpec(
        String name, long[] shape, Initial initial, double scale, boolean decay, boolean descends) {
    /** How a parameter starts. */
    public enum Initial {
        /** Independent normal numbers of mean 0. */
        NORMAL,
        /** The same value everywhere. */
        CONSTANT
    }

    /** A tensor that the optimiser moves. */
    public ParameterSpec(String name, long[] shape, Initial initial, double scale, boolean decay) {
        this(name, shape, initial, scale, decay, true);
    }

    /** The same, changed by the objective and not by the optimiser. */
    public ParameterSpec undescended() {
        return new ParameterSpec(name, shape, initial, scale, false, false);
    }

    /** A weight matrix or table of normal numbers. */
    public static ParameterSpec normal(String name, double deviation, boolean decay, long... shape) {
        return new ParameterSpec(name, shape, Initial.NORMAL, deviation, decay);
    }

    /** A bias or gain. */
    public static ParameterSpec constant(String name, double value, long... shape) {
        return new ParameterSpec(name, shape, Initial.CONSTANT, value, false);
    }

    /** Number of scalars. */
    public long size() {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
}
