package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.is_autocast_enabled;
import static org.bytedeco.pytorch.global.torch.set_autocast_cache_enabled;
import static org.bytedeco.pytorch.global.torch.set_autocast_dtype;
import static org.bytedeco.pytorch.global.torch.set_autocast_enabled;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Arithmetic of matrix products and convolutions while training; everything else stays in fp32. */
public enum Precision {
    /** Single precision throughout. */
    FP32,
    /** bfloat16 products by autocast. */
    BF16;

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    /** BF16 where the CPU multiplies it in hardware tiles (AMX): without them it was measured to be slower than FP32. */
    public static Precision best() {
        try {
            return Files.readString(CPU_INFO).contains("amx_bf16") ? BF16 : FP32;
        } catch (IOException unreadable) {
            return FP32;
        }
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
