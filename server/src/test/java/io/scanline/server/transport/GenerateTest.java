package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.FinishReason;
import io.scanline.server.engine.Reason;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Preview;
import io.scanline.v1.Started;
import java.awt.image.BufferedImage;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams over the loopback interface, one value at a time. */
class GenerateTest {
    private static final int WIDTH = 4;
    private static final int STEPS = 16;
    private static ScriptedEngine engine;
    private static TestServer server;

    @BeforeAll
    static void start() {
        engine = new ScriptedEngine(WIDTH, STEPS / WIDTH);
        server = new TestServer(engine);
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.close();
    }

    @BeforeEach
    void noScript() {
        engine.script(generation -> {});
    }

    private static ScriptedGeneration call(StreamReader reader, io.scanline.v1.GenerateRequest.Builder request)
            throws InterruptedException {
        server.generation().generate(request.build(), reader);
        return engine.next();
    }

    private static io.scanline.v1.GenerateRequest.Builder request(CadenceMode mode) {
        return TestServer.request(mode);
    }

    @Test
    void startedSaysWhatIsNeededToPaintAndToRepeat() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_FINAL).setSeed(-1));

        Started started = reader.next().getStarted();

        assertThat(started.getGenerationId()).isEqualTo(generation.id());
        assertThat(started.getModel().getVersion()).isEqualTo("1");
        assertThat(started.getSeed()).isEqualTo(-1);
        assertThat(started.getGeometry().getWidth()).isEqualTo(WIDTH);
        assertThat(started.getSteps()).isEqualTo(STEPS);
        assertThat(started.getQueuePosition()).isEqualTo(3);
        assertThat(started.getEtaMs()).isEqualTo(1234);
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    @Test
    void pixelCadenceSendsEveryValueToAReaderThatKeepsUp() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PIXEL));
        reader.next();

        for (int value = 0; value < STEPS; value++) {
            generation.decide(1);
            GenerateResponse message = reader.next();
            assertThat(message.getPixels().getFirstIndex()).isEqualTo(value);
            assertThat(message.getPixels().getValues().toByteArray()).containsExactly(generation.pixels(0)[value]);
        }

        assertThat(reader.next().hasFinished()).isTrue();
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    @Test
    void rowCadenceSendsWholeRows() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_ROW)
                .setPrefix(ByteString.copyFrom(new byte[] {1, 2, 3, 1, 2})));
        reader.next();

        generation.decide(2);
        generation.decide(1);
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(3);
        generation.decide(5);
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(4);
        generation.finish();
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(4);

        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[] {1, 2, 3, 1, 2});
    }

    @Test
    void intervalCadenceGathersWhatWasDecidedSince() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_INTERVAL)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_INTERVAL).setIntervalMs(60_000)));
        reader.next();

        generation.decide(3);
        generation.decide(4);
        generation.finish();

        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(STEPS);
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    @Test
    void intervalCadenceSendsBeforeTheImageIsComplete() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_INTERVAL)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_INTERVAL).setIntervalMs(5)));
        reader.next();

        generation.decide(3);
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(3);
        generation.finish();

        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
    }

    @Test
    void percentCadenceSendsWheneverAnotherShareIsDecided() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PERCENT)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_PERCENT).setPercent(25))
                .setPrefix(ByteString.copyFrom(new byte[] {1, 2, 3})));
        reader.next();

        generation.decide(1); // a quarter of 16
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(1);
        generation.decide(3);
        generation.decide(3); // 10: past the half
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(6);
        generation.decide(1);
        generation.finish();
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(6);

        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[] {1, 2, 3});
    }

    @Test
    void tenPercentUnlessSaid() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PERCENT));
        reader.next();
        for (int value = 0; value < STEPS; value++) {
            generation.decide(1);
            boolean another = (value + 1) * 10 / STEPS > value * 10 / STEPS;
            if (another) {
                assertThat(reader.next().getPixels().getFirstIndex()).isLessThanOrEqualTo(value);
            }
        }
        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(reader.all()).filteredOn(GenerateResponse::hasPixels).hasSize(10);
    }

    @Test
    void imageThatWasGivenUpIsSentAsFarAsItCame() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_ROW).setCount(2));
        reader.next();
        generation.decide(6);
        generation.giveUp(1, FinishReason.ABANDONED);
        generation.finish();

        assertThat(reader.end()).isEqualTo(Status.OK);
        var results = reader.all().get(reader.all().size() - 1).getFinished().getImagesList();
        assertThat(results.get(0).getFinishReason())
                .isEqualTo(io.scanline.v1.FinishReason.FINISH_REASON_COMPLETE);
        assertThat(results.get(1).getFinishReason())
                .isEqualTo(io.scanline.v1.FinishReason.FINISH_REASON_ABANDONED);
        assertThat(results.get(1).getSha256().isEmpty()).isTrue();
        int sent = reader.all().stream()
                .filter(message -> message.hasPixels() && message.getPixels().getImageIndex() == 1)
                .mapToInt(message -> message.getPixels().getValues().size())
                .sum();
        assertThat(sent).isEqualTo(6);
    }

    @Test
    void previewIsNoLargerThanAskedFor() throws Exception {
        engine.script(ScriptedGeneration::finish);
        for (int size : new int[] {0, 1, 3, 4, 4096}) {
            StreamReader reader = StreamReader.eager();
            call(reader, request(CadenceMode.CADENCE_MODE_PREVIEW).setCadence(Cadence.newBuilder()
                    .setMode(CadenceMode.CADENCE_MODE_PREVIEW).setPreviewSize(size)));
            assertThat(reader.end()).isEqualTo(Status.OK);
            BufferedImage picture = ImageIO.read(reader.all().get(1).getPreview().getImage().newInput());
            int expected = size == 0 ? WIDTH : Math.min(size, WIDTH);
            assertThat(new int[] {picture.getWidth(), picture.getHeight()}).containsExactly(expected, expected);
        }
    }

    @Test
    void previewShowsDecidedPixelsAndLeavesTheOthersTransparent() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PREVIEW)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_PREVIEW).setIntervalMs(5)));
        reader.next();

        generation.decide(6);
        Preview preview = reader.next().getPreview();
        generation.finish();

        assertThat(preview.getStep()).isEqualTo(6);
        assertThat(preview.getTotalSteps()).isEqualTo(STEPS);
        assertThat(preview.getMediaType()).isEqualTo("image/png");
        BufferedImage picture = ImageIO.read(preview.getImage().newInput());
        int level = generation.pixels(0)[5] * 85;
        assertThat(picture.getRGB(1, 1)).isEqualTo(0xff000000 | level << 16 | level << 8 | level);
        assertThat(picture.getRGB(2, 1) >>> 24).isZero();
        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
        assertThat(reader.all()).filteredOn(GenerateResponse::hasPixels).hasSize(1);
        assertThat(reader.all().get(reader.all().size() - 3).getPreview().getStep()).isEqualTo(STEPS);
    }

    @ParameterizedTest
    @EnumSource(
            value = CadenceMode.class,
            names = {"UNRECOGNIZED", "CADENCE_MODE_PERCENT"},
            mode = EnumSource.Mode.EXCLUDE)
    void imagesAreRebuiltFromPixelsAtEveryCadence(CadenceMode mode) throws Exception {
        engine.script(ScriptedGeneration::finish);
        byte[] prefix = {3, 1, 2};
        StreamReader reader = StreamReader.eager();
        call(reader, request(mode).setCount(3).setSeed(11).setPrefix(ByteString.copyFrom(prefix)));

        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), prefix);
    }

    @Test
    void wholeImageGivenNeedsNoPixels() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation =
                call(reader, request(CadenceMode.CADENCE_MODE_PIXEL).setPrefix(ByteString.copyFrom(new byte[STEPS])));
        generation.finish();

        assertThat(reader.end()).isEqualTo(Status.OK);
        assertThat(reader.all()).hasSize(2);
        assertThat(reader.all().get(1).getFinished().getImages(0).getSha256().toByteArray())
                .isEqualTo(ScriptedGeneration.sha256(new byte[STEPS]));
    }

    @Test
    void failureInTheMiddleEndsTheStreamWithItsStatus() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PIXEL));
        generation.decide(2);
        generation.fail(EngineException.of(Reason.SHUTTING_DOWN, "The server is shutting down."));

        assertThat(reader.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(ErrorDetails.of(reader.error()).reason()).isEqualTo("SHUTTING_DOWN");
    }

    @Test
    void laterImagesDoNotWaitForEarlierOnes() throws Exception {
        StreamReader reader = StreamReader.onlyWhenTold();
        ScriptedGeneration generation = call(reader, request(CadenceMode.CADENCE_MODE_PIXEL).setCount(2));
        generation.decide(1);
        reader.read(3);
        reader.next();

        List<Integer> images = List.of(
                reader.next().getPixels().getImageIndex(), reader.next().getPixels().getImageIndex());

        assertThat(images).containsExactlyInAnyOrder(0, 1);
        reader.cancel();
    }
}
