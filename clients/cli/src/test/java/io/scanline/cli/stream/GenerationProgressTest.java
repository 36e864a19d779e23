package io.scanline.cli.stream;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.scanline.cli.draw.StatusText;
import io.scanline.cli.image.Picture;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Preview;
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
