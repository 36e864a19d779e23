package io.scanline.server.transport;

import static net.logstash.logback.argument.StructuredArguments.kv;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.ImageResult;
import io.scanline.server.engine.ModelInfo;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what one generation sends, and accounts for it in one line of the log when it ends. */
final class StreamTally {
    private static final Logger log = LoggerFactory.getLogger("io.scanline.server.generation");

    private final long begun = System.nanoTime();
    private final Generation generation;
    private final MeterRegistry registry;
    private final Tags tags;
    private final Counter allBytes;
    private final Counter allMessages;
    private long messages;
    private long bytes;

    StreamTally(Generation generation, MeterRegistry registry) {
        this.generation = generation;
        this.registry = registry;
        ModelInfo model = generation.model();
        tags = Tags.of("model", model.name(), "version", model.version());
        allBytes = Counter.builder("scanline.stream.bytes")
                .description("Bytes of the messages that were sent")
                .baseUnit("bytes")
                .tags(tags)
                .register(registry);
        allMessages = Counter.builder("scanline.stream.messages")
                .description("Messages that were sent")
                .tags(tags)
                .register(registry);
    }

    /** @param size of the encoded message, in bytes */
    void sent(int size) {
        messages++;
        bytes += size;
        allMessages.increment();
        allBytes.increment(size);
    }

    /** Of a stream that ended without its generation: it is held, or somebody else reads it. */
    void leave(String outcome) {
        log("stream left", outcome);
    }

    /** @param outcome COMPLETE, or the reason of the failure */
    void end(String outcome) {
        Counter.builder("scanline.generations")
                .description("Generations that ended with their stream, by outcome")
                .tags(tags.and("outcome", outcome))
                .register(registry)
                .increment();
        log("generation ended", outcome);
    }

    private void log(String event, String outcome) {
        List<ImageResult> results = generation.images().stream()
                .map(image -> image.result())
                .flatMap(Optional::stream)
                .toList();
        log.info(event + " {} {} {} {} {} {} {} {} {} {} {}",
                kv("id", generation.id()),
                kv("model", generation.model().name() + "/" + generation.model().version()),
                kv("precision", generation.precision()),
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
