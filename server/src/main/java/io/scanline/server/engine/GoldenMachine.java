package io.scanline.server.engine;

import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CpuKind;
import io.scanline.server.runtime.Compute;

/** Where golden samples must be reproduced bit for bit: on the kind of CPU that made them, and on nothing but that. */
final class GoldenMachine {
    private GoldenMachine() {}

    /** Whether what computes here is of the kind that made a sample. */
    static boolean made(GoldenSample sample, Compute compute) {
        return compute.device().isCpu() && CpuKind.current().equals(sample.getCpuKind());
    }
}
