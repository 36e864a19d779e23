package io.scanline.server.runtime;

/**
 * What computes graphs: the CPU, or an NVIDIA GPU.
 *
 * @param cuda which GPU, as CUDA counts them from 0; -1: the CPU
 */
public record Device(int cuda) {
    /** The processor that this program runs on. */
    public static final Device CPU = new Device(-1);

    /** A GPU. */
    public static Device cuda(int index) {
        return new Device(index);
    }

    /** Whether it is the CPU. */
    public boolean isCpu() {
        return cuda < 0;
    }

    /** As an operator writes it. */
    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + cuda;
    }
}
