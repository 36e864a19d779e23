package io.scanline.cli.stream;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static io.scanline.cli.Events.startedWithCodes;
import static io.scanline.cli.Events.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.scanline.cli.draw.StatusText;
import io.scanline.cli.image.Picture;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.Preview;
import io.scanline.v1.Waiting;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class GenerationProgressTest {
    private static final long MILLI = 1_000_000;

    private final AtomicLong clock = new AtomicLong();
    private final StatusText status = new StatusText("localhost:1");

    private GenerationProgress progress(int count, int... prefix) {
        GenerateRequest request = GenerateRequest.newBuilder()
                .setCount(count)
                .setPrefix(ByteString.copyFrom(bytes(prefix)))
                .build();
        return new GenerationProgress(request, clock::get);
    }

    @Test
    void countsWhatIsDrawnAndHowFast() throws StreamViolation {
        GenerationProgress progress = progress(2, 1);
        assertThat(status.running(progress.figures())).isEqualTo("waiting for localhost:1");
        clock.set(10 * MILLI);
        progress.accept(event(started(grey(2, 2, 4)).toBuilder().setQueuePosition(3).build()));
        assertThat(status.running(progress.figures())).isEqualTo("queued behind 3 images, about 1.50 s to go");
        progress.accept(GenerateResponse.newBuilder()
                .setWaiting(Waiting.newBuilder().setQueuePosition(1).setEtaMs(700))
                .build());
        assertThat(status.running(progress.figures())).isEqualTo("queued behind 1 image, about 0.70 s to go");
        clock.set(20 * MILLI);
        progress.accept(event(pixels(0, 0, 1, 1, 2)));
        clock.set(30 * MILLI);
        progress.accept(event(pixels(1, 1, 1, 1)));

        assertThat(status.running(progress.figures()))
                .isEqualTo(" 50%  3 of 6 pixels  150 pixels/s  first pixel after 20 ms");

        progress.accept(event(pixels(2, 0, 3, 3)));
        assertThat(progress.firstGrowing()).isEqualTo(1);
        progress.accept(event(pixels(3, 1, 2, 0, 0)));
        clock.set(40 * MILLI);
        progress.accept(event(finished(bytes(1, 1, 2, 3), bytes(1, 1, 0, 0))));
        clock.set(5000 * MILLI);
        assertThat(status.finished(progress.figures()))
                .containsExactly(
                        "2 images of 2x2 in 0.03 s  200 pixels/s  0.500 to 1.500 bits/dim",
                        "first pixel 1.5 ms after admission, 20 ms after the call",
                        "tiny/1  seed 42  sha256 verified");
    }

    @Test
    void countsCodesAndShowsThemUntilTheImageIsMadeOfThem() throws Exception {
        GenerationProgress progress = progress(1, 3);
        progress.accept(event(startedWithCodes(grey(4, 2, 4), 2, 1, 16)));
        assertThat(progress.pictures().get(0).at(0, 0)).isEqualTo(0x333333); // the given code, 3 of 0 to 15
        assertThat(progress.pictures().get(0).at(2, 0)).isEqualTo(Picture.UNDECIDED);
        clock.set(10 * MILLI);
        progress.accept(tokens(0, 0, 1, 15));
        assertThat(progress.pictures().get(0).at(2, 1)).isEqualTo(0xFFFFFF);
        assertThat(status.running(progress.figures()))
                .isEqualTo("100%  1 of 1 codes  100 codes/s  first code after 10 ms");
        assertThat(progress.firstGrowing()).isZero();

        byte[] image = bytes(0, 0, 1, 1, 2, 2, 3, 3);
        progress.accept(event(pixels(0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3)));
        assertThat(progress.pictures().get(0).at(3, 1)).isEqualTo(0xFFFFFF);
        assertThat(progress.pictures().get(0).at(0, 0)).isZero();
        Finished finished = finished(image);
        progress.accept(event(finished.toBuilder()
                .setImages(0, finished.getImages(0).toBuilder()
                        .setLikelihoodKind(LikelihoodKind.LIKELIHOOD_KIND_CODES))
                .build()));
        progress.end();
        assertThat(status.finished(progress.figures()).get(0)).endsWith("0.500 bits/code");
    }

    @Test
    void showsAPreviewOfCodesUntilTheImageIsThere() throws Exception {
        GenerationProgress progress = progress(1);
        progress.accept(event(startedWithCodes(grey(2, 2, 4), 2, 1, 16)));
        progress.accept(event(preview(2, 2, 2).toBuilder().setStep(1).setTotalSteps(2).build()));
        assertThat(progress.pictures().get(0).at(1, 0)).isEqualTo(0x0A141E);
        assertThat(progress.figures().drawn()).isEqualTo(1);
        progress.accept(tokens(0, 0, 0, 1, 2));
        assertThat(progress.pictures().get(0).at(1, 0)).isEqualTo(0x0A141E);
        progress.accept(event(pixels(0, 0, 0, 3, 2, 1, 0)));
        assertThat(progress.pictures().get(0).at(1, 0)).isEqualTo(0xAAAAAA);
    }

    @Test
    void refusesCodesThatAreWrong() throws Exception {
        GenerationProgress values = progress(1);
        values.accept(event(started(grey(2, 2, 4))));
        assertThatThrownBy(() -> values.accept(tokens(0, 0, 0, 1)))
                .hasMessage("codes arrived of a model that draws none");
        GenerationProgress codes = progress(1);
        codes.accept(event(startedWithCodes(grey(2, 2, 4), 2, 1, 16)));
        assertThatThrownBy(() -> codes.accept(tokens(0, 0, 0, 16))).hasMessage("image 0: code 0 is no level");
        assertThatThrownBy(() -> codes.accept(tokens(2, 0, 0, 1)))
                .hasMessage("Tokens message 2 arrived where 1 was due");
        assertThatThrownBy(() -> progress(1).accept(
                        event(startedWithCodes(grey(2, 2, 4), 2, 1, 16).toBuilder().setSteps(3).build())))
                .hasMessage("the server announced 3 steps for images of 2 codes");
        assertThatThrownBy(() -> progress(1).accept(event(startedWithCodes(grey(2, 2, 4), 2, 1, 300))))
                .hasMessage("the server announced a codebook of 300");
        GenerationProgress missing = progress(1);
        missing.accept(event(startedWithCodes(grey(2, 2, 4), 2, 1, 16)));
        missing.accept(tokens(0, 0, 0, 1));
        missing.accept(event(pixels(0, 0, 0, 3, 2, 1, 0)));
        assertThatThrownBy(() -> missing.accept(event(finished(bytes(3, 2, 1, 0)))))
                .hasMessage("image 0: finished after 1 codes of 2");
    }

    @Test
    void showsAPreviewUntilTheValuesKnowMore() throws Exception {
        GenerationProgress progress = progress(1);
        progress.accept(event(started(grey(2, 2, 4))));
        progress.accept(event(preview(2, 2, 2)));

        assertThat(progress.pictures().get(0).at(1, 0)).isEqualTo(0x0A141E);
        assertThat(progress.pictures().get(0).at(0, 1)).isEqualTo(Picture.UNDECIDED);
        assertThat(progress.figures().drawn()).isEqualTo(2);

        progress.accept(event(pixels(0, 0, 0, 3, 2, 1, 0)));
        assertThat(progress.pictures().get(0).at(1, 0)).isEqualTo(0xAAAAAA);
    }

    /** A PNG in which as many pixels as the step says are decided. */
    private static Preview preview(int width, int height, int step) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < step; i++) {
            image.setRGB(i % width, i / width, 0xFF0A141E);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return Preview.newBuilder()
                .setImage(ByteString.copyFrom(png.toByteArray()))
                .setMediaType("image/png")
                .setStep(step)
                .setTotalSteps(width * height)
                .build();
    }

    @Test
    void refusesEventsOutOfTurn() throws Exception {
        assertThatThrownBy(() -> progress(1).accept(event(pixels(0, 0, 0, 1))))
                .hasMessage("the first message is not Started");
        GenerationProgress progress = progress(1, 0, 0, 0, 0);
        progress.accept(event(started(grey(2, 2, 4))));
        assertThatThrownBy(() -> progress.accept(event(started(grey(2, 2, 4))))).hasMessage("Started came twice");
        assertThatThrownBy(() -> progress.accept(event(preview(3, 2, 1)))).hasMessage("image 0: preview is 3x2");
        assertThatThrownBy(progress::end).hasMessage("the stream ended before Finished");
        progress.accept(GenerateResponse.getDefaultInstance());
        progress.accept(event(finished(bytes(0, 0, 0, 0))));
        progress.end();
        assertThatThrownBy(() -> progress.accept(event(pixels(0, 0, 0, 1))))
                .hasMessage("the server sent more after Finished");
    }
}
