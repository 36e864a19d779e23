package io.scanline.server.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Requests for captions to the test bundle that writes them. */
final class TinyCaptions {
    static final String NAME = "tiny-captioner";
    /** Most tokens of a caption. */
    static final int MOST = 11;
    /** Values of an image. */
    static final int VALUES = 32 * 32 * 3;

    private TinyCaptions() {}

    /** Levels of an image that the bundle says a caption of. */
    static byte[] golden(int index) {
        try {
            return Files.readAllBytes(TinyBundle.repository().resolve(NAME + "/1/golden/" + index + ".pixels"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The likeliest caption of an image. */
    static CaptionRequest likeliest(byte[] image) {
        return request(image, new SamplingOptions(0, 0, 1), 0, 0, Long.MAX_VALUE, "");
    }

    /** A caption that is drawn. */
    static CaptionRequest drawn(byte[] image, float temperature, long seed) {
        return request(image, new SamplingOptions(temperature, 0, 1), seed, 0, Long.MAX_VALUE, "");
    }

    static CaptionRequest request(
            byte[] image, SamplingOptions sampling, long seed, int maxTokens, long deadlineNanos, String client) {
        return new CaptionRequest(
                NAME, "", new EmbedInput.Values(image), sampling, OptionalLong.of(seed), maxTokens, deadlineNanos,
                new Precedence(client, Priority.NORMAL));
    }

    /** Waits for the end of a caption, complete or not. */
    static Caption end(Caption caption) {
        Await.until("the caption has ended", () -> caption.failure().isPresent() || caption.result().isPresent());
        return caption;
    }

    /** Writes a caption and waits for it. */
    static Caption write(CaptionEngine engine, CaptionRequest request) throws EngineException {
        Caption caption = end(engine.caption(request, () -> {}));
        if (caption.failure().isPresent()) {
            throw caption.failure().get();
        }
        return caption;
    }

    static List<Caption.Token> tokens(Caption caption) {
        return IntStream.range(0, caption.tokens()).mapToObj(caption::token).toList();
    }

    /** What a caption says, and how likely that is, bit for bit. */
    static String bits(Caption caption) {
        Caption.Result result = caption.result().orElseThrow();
        StringBuilder bits = new StringBuilder();
        for (Caption.Token token : tokens(caption)) {
            bits.append(token.id()).append('|').append(token.text()).append('|')
                    .append(Float.floatToRawIntBits(token.logProbability())).append('\n');
        }
        return bits + result.text() + '|' + Double.doubleToRawLongBits(result.logLikelihoodNats()) + '|'
                + result.ended();
    }
}
