package io.scanline.server.bench;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What this process holds at one moment.
 *
 * @param heapBytes on the heap after a collection
 * @param directBytes of direct buffers, those of the JDK and what Netty has taken for its pools
 * @param residentBytes of memory of all kinds, native ones included; 0 where the system does not say
 * @param threads that live
 */
record Footprint(long heapBytes, long directBytes, long residentBytes, int threads) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    /** What the first collection makes unreachable, by a cleaner or a weak reference, the next one takes. */
    private static final int COLLECTIONS = 3;

    /** Collects garbage and looks. */
    static Footprint afterCollection() {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
        }
        long direct = Math.max(0, PlatformDependent.usedDirectMemory());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            direct += pool.getName().equals("direct") ? pool.getMemoryUsed() : 0;
        }
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), direct, resident(),
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    /** Whether the heap has one size from begin to end, so that what is resident besides cannot be its growth. */
    static boolean heapIsFixed() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return heap.getInit() == heap.getMax();
    }

    private static long resident() {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** For people. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "heap %.1f MB, direct %.1f MB, resident %.1f MB, %d threads",
                heapBytes / 1e6, directBytes / 1e6, residentBytes / 1e6, threads);
    }
}
