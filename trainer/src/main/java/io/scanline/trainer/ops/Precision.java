package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.is_autocast_enabled;
import static org.bytedeco.pytorch.global.torch.set_autocast_cache_enabled;
import static org.bytedeco.pytorch.global.torch.set_autocast_dtype;
import static org.bytedeco.pytorch.global.torch.set_autocast_enabled;

import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Arithmetic of matrix products and convolutions while training; everything else stays in fp32. */
public enum Precision {
    /** Single precision throughout. */
    FP32,
    /** bfloat16 products by autocast. */
    BF16;

    /**
     * The precision to train in on this CPU, raced once per process in some 100 ms.
     *
     * <p>No flag of the CPU tells: without bf16 instructions BF16 is many times slower than FP32, with AMX tiles many
     * times faster, and with AVX-512 BF16 it was measured 2 to 3 times faster on one kind (AMD Zen 4).
     */
    public static Precision best() {
        return Best.RACED;
    }

    /** Holds the result of the race, which is run when it is first asked for. */
    private static final class Best {
        static final Precision RACED = PrecisionRace.run();
    }

    /** Computes in this precision on this thread until the scope is closed. */
    public Scope enter() {
        boolean before = is_autocast_enabled(DeviceType.CPU);
        // The cache of cast weights is not cleared when an optimiser changes them, so it must be off.
        set_autocast_cache_enabled(false);
        set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        set_autocast_enabled(DeviceType.CPU, this == BF16);
        return () -> set_autocast_enabled(DeviceType.CPU, before);
    }

    /** Restores the precision before it. */
    public interface Scope extends AutoCloseable {
        @Override
        void close();
    }
}
