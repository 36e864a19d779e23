package io.scanline.server.transport;

import static net.logstash.logback.argument.StructuredArguments.kv;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.ImageResult;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what one generation sent, and accounts for it when it ends: two counters and one line of the log. */
final class StreamTally {
    private static final Logger LOG = LoggerFactory.getLogger("io.scanline.server.generation");

    private final long begun = System.nanoTime();
    private long messages;
    private long bytes;

    void sent(int size) {
        messages++;
        bytes += size;
    }

    /** @param outcome COMPLETE, or the reason of the failure */
    void report(Generation generation, String outcome, MeterRegistry registry) {
        String model = generation.model().name();
        Counter.builder("scanline.stream.bytes")
                .description("Bytes of the messages that were sent for generations that have ended")
                .baseUnit("bytes")
                .tag("model", model)
                .register(registry)
                .increment(bytes);
        Counter.builder("scanline.stream.messages")
                .description("Messages that were sent for generations that have ended")
                .tag("model", model)
                .register(registry)
                .increment(messages);
        Counter.builder("scanline.generations")
                .description("Admitted generations that have ended, by outcome")
                .tag("model", model)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
        List<ImageResult> results = generation.images().stream()
                .map(image -> image.result())
                .flatMap(Optional::stream)
                .toList();
        LOG.info("generation ended {} {} {} {} {} {} {} {} {} {}",
                kv("id", generation.id()),
                kv("model", model + "/" + generation.model().version()),
                kv("seed", Long.toUnsignedString(generation.seed())),
                kv("count", generation.images().size()),
                kv("outcome", outcome),
                kv("queue_us", largest(results, ImageResult::queueMicros)),
                kv("first_pixel_us", largest(results, ImageResult::firstPixelMicros)),
                kv("total_us", (System.nanoTime() - begun) / 1000),
                kv("messages", messages),
                kv("bytes", bytes));
    }

    private static long largest(List<ImageResult> results, ToLongFunction<ImageResult> time) {
        return results.stream().mapToLong(time).max().orElse(0);
    }
}
