package io.scanline.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Names the kind of CPU of this machine: kernels are chosen by it, so floats are promised bit-equal only within one. */
public final class CpuKind {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private CpuKind() {}

    /** Vendor, family, model and stepping, e.g. "GenuineIntel-6-143-8"; the architecture where they cannot be read. */
    public static String current() {
        try {
            return of(Files.readAllLines(CPU_INFO));
        } catch (IOException unreadable) {
            return System.getProperty("os.arch");
        }
    }

    static String of(List<String> cpuInfo) {
        Map<String, String> first = new HashMap<>();
        for (String line : cpuInfo) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                first.putIfAbsent(line.substring(0, colon).trim(), line.substring(colon + 1).trim());
            }
        }
        if (!first.containsKey("vendor_id")) {
            return System.getProperty("os.arch");
        }
        return String.join(
                "-", first.get("vendor_id"), first.get("cpu family"), first.get("model"), first.get("stepping"));
    }
}
