package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a real model of random pictures and words says, and what it refuses. */
@Timeout(60)
class CaptionEngineTest {
    private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
    private static DecodingEngine engine;

    @BeforeAll
    static void open() {
        EngineConfig config = new EngineConfig(
                TinyBundle.repository(), 2, 4, 16, 1, 256L << 20, 64, 256, new Scheduling(Map.of(), 32, 4));
        engine = DecodingEngine.open(config, new LookConfig(20_000, 1_000_000, 100, 4, 4, 8, 0), METERS);
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static void assertRefused(CaptionRequest request, Reason reason, String field) {
        assertThatThrownBy(() -> engine.caption(request, () -> {}))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.field().orElse("")).isEqualTo(field);
                });
    }

    private static CaptionRequest of(EmbedInput image) {
        return new CaptionRequest(
                TinyCaptions.NAME, "1", image, new SamplingOptions(0, 0, 1), OptionalLong.empty(), 0, Long.MAX_VALUE,
                Precedence.ORDINARY);
    }

    @Test
    void likeliestCaptionIsTheGoldenOne() throws Exception {
        Caption caption = TinyCaptions.write(engine, TinyCaptions.likeliest(TinyCaptions.golden(0)));
        Caption.Result result = caption.result().orElseThrow();
        assertThat(result.text())
                .isEqualTo(TinyBundle.verified(TinyCaptions.NAME).bundle().getGoldenSamples(0).getText());
        assertThat(result.ended()).isTrue();
        assertThat(caption.maxTokens()).isEqualTo(TinyCaptions.MOST);
        List<Caption.Token> tokens = TinyCaptions.tokens(caption);
        assertThat(tokens).hasSizeGreaterThan(3).allMatch(token -> token.logProbability() <= 0);
        assertThat(tokens.stream().map(Caption.Token::text).collect(Collectors.joining())).isEqualTo(result.text());
        double ofTokens = tokens.stream().mapToDouble(Caption.Token::logProbability).sum();
        assertThat(result.logLikelihoodNats()).isLessThan(ofTokens); // by the end
        assertThat(result.firstTokenMicros()).isBetween(1L, result.totalMicros());
    }

    @Test
    void seedAndSamplingDecideWhatIsDrawn() throws Exception {
        byte[] image = TinyCaptions.golden(1);
        String first = TinyCaptions.bits(TinyCaptions.write(engine, TinyCaptions.drawn(image, 1.5f, 7)));
        assertThat(TinyCaptions.bits(TinyCaptions.write(engine, TinyCaptions.drawn(image, 1.5f, 7)))).isEqualTo(first);
        assertThat(TinyCaptions.bits(TinyCaptions.write(engine, TinyCaptions.drawn(image, 1.5f, 8))))
                .isNotEqualTo(first);
        CaptionRequest one = TinyCaptions.request(image, new SamplingOptions(3, 1, 1), 9, 0, Long.MAX_VALUE, "");
        assertThat(TinyCaptions.write(engine, one).result().orElseThrow().text())
                .isEqualTo(TinyCaptions.write(engine, TinyCaptions.likeliest(image)).result().orElseThrow().text());
    }

    @Test
    void pictureIsLookedAt() throws Exception {
        Caption one = TinyCaptions.write(engine, TinyCaptions.likeliest(TinyCaptions.golden(0)));
        Caption black = TinyCaptions.write(engine, TinyCaptions.likeliest(new byte[TinyCaptions.VALUES]));
        assertThat(black.result().orElseThrow().logLikelihoodNats())
                .isNotEqualTo(one.result().orElseThrow().logLikelihoodNats());
    }

    @Test
    void captionHasNoMoreTokensThanAskedFor() throws Exception {
        CaptionRequest three = TinyCaptions.request(
                TinyCaptions.golden(0), new SamplingOptions(0, 0, 1), 0, 3, Long.MAX_VALUE, "");
        Caption caption = TinyCaptions.write(engine, three);
        assertThat(caption.tokens()).isEqualTo(3);
        Caption.Result result = caption.result().orElseThrow();
        assertThat(result.ended()).isFalse();
        assertThat(result.logLikelihoodNats())
                .isCloseTo(
                        TinyCaptions.tokens(caption).stream().mapToDouble(Caption.Token::logProbability).sum(),
                        within(1e-5));
        Caption whole = TinyCaptions.write(engine, TinyCaptions.likeliest(TinyCaptions.golden(0)));
        assertThat(whole.result().orElseThrow().text()).startsWith(result.text());
    }

    @Test
    void captionFillsItsContextAndEndsThere() throws Exception {
        for (long seed = 0; seed < 30; seed++) {
            Caption caption = TinyCaptions.write(engine, TinyCaptions.drawn(TinyCaptions.golden(0), 10, seed));
            assertThat(caption.tokens()).isLessThanOrEqualTo(TinyCaptions.MOST);
            assertThat(caption.result().orElseThrow().ended() || caption.tokens() == TinyCaptions.MOST).isTrue();
            assertThat(TinyCaptions.tokens(caption).stream().map(Caption.Token::text).collect(Collectors.joining()))
                    .isEqualTo(caption.result().orElseThrow().text());
        }
    }

    @Test
    void pictureOfAnySizeIsPutIntoWords() throws Exception {
        Caption caption = TinyCaptions.write(engine, of(new EmbedInput.Picture(png(50, 20))));
        assertThat(caption.queuePosition()).hasValue(0);
        assertThat(caption.result().orElseThrow().text()).isNotEmpty();
    }

    @Test
    void refusalsNameReasonAndField() throws Exception {
        byte[] image = TinyCaptions.golden(0);
        assertRefused(of(new EmbedInput.Values(new byte[5])), Reason.IMAGE_SIZE_MISMATCH, "values");
        assertRefused(of(new EmbedInput.Picture(new byte[20_001])), Reason.PICTURE_TOO_LARGE, "picture");
        assertRefused(TinyCaptions.drawn(image, 11, 0), Reason.TEMPERATURE_OUT_OF_RANGE, "sampling.temperature");
        assertRefused(
                TinyCaptions.request(image, SamplingOptions.NEUTRAL, 0, 12, Long.MAX_VALUE, ""),
                Reason.TOKENS_OUT_OF_RANGE, "max_tokens");
        assertRefused(
                TinyCaptions.request(image, SamplingOptions.NEUTRAL, 0, -1, Long.MAX_VALUE, ""),
                Reason.TOKENS_OUT_OF_RANGE, "max_tokens");
        assertRefused(
                TinyCaptions.request(image, SamplingOptions.NEUTRAL, 0, 0, System.nanoTime() - 1, ""),
                Reason.DEADLINE_EXCEEDED, "");
        assertThatThrownBy(() -> engine.caption(
                        new CaptionRequest(TinyBundle.NAME, "", new EmbedInput.Values(image), SamplingOptions.NEUTRAL,
                                OptionalLong.empty(), 0, Long.MAX_VALUE, Precedence.ORDINARY),
                        () -> {}))
                .asInstanceOf(type(EngineException.class))
                .extracting(EngineException::reason)
                .isEqualTo(Reason.CAPTION_NOT_SUPPORTED);
        assertThatThrownBy(() -> engine.embed(new EmbedRequest(
                        TinyCaptions.NAME, "", List.of(new EmbedInput.Values(image)), Long.MAX_VALUE)))
                .asInstanceOf(type(EngineException.class))
                .extracting(EngineException::reason)
                .isEqualTo(Reason.EMBEDDING_NOT_SUPPORTED);
        assertThatThrownBy(() -> engine.generate(
                        new GenerationRequest(TinyCaptions.NAME, "", ClassSelector.NONE, OptionalLong.empty(), 1,
                                SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE),
                        () -> {}))
                .asInstanceOf(type(EngineException.class))
                .extracting(EngineException::reason)
                .isEqualTo(Reason.GENERATION_NOT_SUPPORTED);
    }

    @Test
    void brokenPictureEndsItsCaptionAlone() throws Exception {
        Caption broken = TinyCaptions.end(engine.caption(of(new EmbedInput.Picture(new byte[100])), () -> {}));
        EngineException why = broken.failure().orElseThrow();
        assertThat(why.reason()).isEqualTo(Reason.PICTURE_FORMAT_UNKNOWN);
        assertThat(why.field()).hasValue("picture");
        assertThat(broken.queuePosition()).isEmpty();
        byte[] cut = png(50, 20);
        cut[cut.length / 2] ^= 0x55;
        broken = TinyCaptions.end(engine.caption(of(new EmbedInput.Picture(cut)), () -> {}));
        assertThat(broken.failure().orElseThrow().reason()).isEqualTo(Reason.PICTURE_UNREADABLE);
        TinyCaptions.write(engine, TinyCaptions.likeliest(TinyCaptions.golden(0)));
    }

    @Test
    void modelIsDescribed() throws Exception {
        ModelInfo info = engine.model(TinyCaptions.NAME, "");
        assertThat(info.captions()).isTrue();
        assertThat(info.captionTokens()).isEqualTo(TinyCaptions.MOST);
        assertThat(info.steps()).isZero();
        assertThat(info.looks()).isFalse();
        assertThat(engine.model(TinyBundle.NAME, "").captionTokens()).isZero();
    }

    @Test
    void captionsAreMeasured() throws Exception {
        double before = METERS.find("scanline.caption.tokens").counter().count();
        Caption caption = TinyCaptions.write(engine, TinyCaptions.likeliest(TinyCaptions.golden(0)));
        assertThat(METERS.find("scanline.caption.tokens").counter().count() - before)
                .isGreaterThanOrEqualTo(caption.tokens());
        assertThat(METERS.find("scanline.captions").tag("outcome", "COMPLETE").counter().count()).isPositive();
        assertThat(METERS.find("scanline.caption.first.token").timer().count()).isPositive();
        assertThat(METERS.find("scanline.step").tag("model", TinyCaptions.NAME).timer().count()).isPositive();
    }

    private static byte[] png(int width, int height) throws IOException {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < width; x++) {
            picture.setRGB(x, x % height, 0xFF8000 + 997 * x);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", file);
        return file.toByteArray();
    }
}
