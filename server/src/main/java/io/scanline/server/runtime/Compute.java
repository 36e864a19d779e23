package io.scanline.server.runtime;

/**
 * What a graph is given to compute with.
 *
 * @param threads of the CPU that compute one run
 * @param device where it is computed
 */
public record Compute(int threads, Device device) {
    /** Threads of the CPU alone. */
    public static Compute cpu(int threads) {
        return new Compute(threads, Device.CPU);
    }

    /** The same, on the CPU: for a graph that no other device has kernels for. */
    public Compute onCpu() {
        return cpu(threads);
    }

    /** The same with other threads. */
    public Compute with(int others) {
        return new Compute(others, device);
    }
}
