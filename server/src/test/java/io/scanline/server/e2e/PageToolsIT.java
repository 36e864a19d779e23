package io.scanline.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.MaskedValues;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.By;

/** A person who makes images of images, and steers those that grow. */
class PageToolsIT {
    /** Draws an image in a moment: 6 x 6 values of 4 levels, no two alike. */
    private static final String FAST = "tiny-ring";
    private static final int FAST_COLUMNS = 6;
    /** Takes seconds, so that there is something to steer. */
    private static final String SLOW = "fashion-pixels";
    private static final int LABEL = 7;
    private static final long SEED = 20261122;
    private static final Duration DRAWN_LIMIT = Duration.ofSeconds(120);
    private static final String GROWS = "document.getElementById('gallery').dataset.state === 'growing'";

    @RegisterExtension
    private static final ServedPage served = ServedPage.of(
            ServedPage.tiny(FAST), ServerProcess.SHIPPED_MODELS.resolve(SLOW));

    private GeneratorPage page;

    @BeforeEach
    void openThePage() {
        page = served.open();
    }

    @Test
    void forkKeepsWhatComesBeforeThePixelAndDrawsTheRestAsTheFormSays() throws Exception {
        page.model(FAST).choose(0, SEED, 1, "ROW");
        assertThat(page.generate()).isEqualTo("complete");
        page.select("label", "1");
        page.type("seed", Long.toString(SEED + 1));

        page.clickPixel(0, 3, 2);

        page.awaitStates("complete", "complete");
        byte[] parent = page.levelsOnCanvas(0);
        byte[] fork = page.levelsOnCanvas(1);
        byte[] kept = Arrays.copyOf(parent, 2 * FAST_COLUMNS + 3);
        assertThat(fork).startsWith(kept).isNotEqualTo(parent);
        assertThat(page.figures("origin")).containsExactly(null, "fork");
        assertThat(page.figures("verified")).containsOnly("true");
        try (GrpcReference grpc = new GrpcReference(served.server().grpcPort())) {
            GenerateRequest.Builder same = grpc.request(FAST, 1, SEED + 1).setPrefix(ByteString.copyFrom(kept));
            assertThat(page.figures("digest").get(1)).isEqualTo(grpc.digests(same).get(0));
        }
    }

    @Test
    void imageThatGrowsIsForkedWhereItIsClicked() {
        page.model(SLOW).choose(LABEL, SEED, 1, "PIXEL");
        page.when("document.querySelector('figure')?.dataset.decided >= 30", """
                document.getElementById('seed').value = '5';
                const overlay = document.querySelector('figure .overlay');
                const { left, top, width, height } = overlay.getBoundingClientRect();
                overlay.dispatchEvent(new MouseEvent('click',
                    { clientX: left + 0.5 / 28 * width, clientY: top + 1.5 / 28 * height }));
                """);

        page.generate();

        page.awaitStates("complete", "complete");
        byte[] parent = page.levelsOnCanvas(0);
        assertThat(page.levelsOnCanvas(1)).startsWith(Arrays.copyOf(parent, 28)).isNotEqualTo(parent);
        assertThat(page.figures("origin")).containsExactly(null, "fork");
        assertThat(page.figures("verified")).containsOnly("true");
        assertThat(page.number("seed")).isEqualTo("5");
    }

    @Test
    void forkHasANewSeedWhereTheFormHasThatOfItsParent() {
        page.model(FAST).choose(0, SEED, 1, "ROW");
        assertThat(page.generate()).isEqualTo("complete");

        page.clickPixel(0, 0, 0);

        page.awaitStates("complete", "complete");
        assertThat(page.number("seed")).matches("[0-9]+").isNotEqualTo(Long.toString(SEED));
    }

    @Test
    void whatIsPaintedIsDrawnAnewAndTheRestStays() throws Exception {
        page.model(FAST).choose(2, SEED, 1, "ROW");
        assertThat(page.generate()).isEqualTo("complete");
        page.type("seed", Long.toString(SEED + 1));

        page.paintRow(0, 2, 1, 4);
        List<Boolean> painted = page.painted(0);
        served.browser().driver().findElement(By.cssSelector("figure .repaint")).click();

        page.awaitStates("complete", "complete");
        assertThat(painted).contains(true, false);
        byte[] before = page.levelsOnCanvas(0);
        byte[] after = page.levelsOnCanvas(1);
        byte[] mask = new byte[before.length];
        for (int pixel = 0; pixel < before.length; pixel++) {
            mask[pixel] = (byte) (painted.get(pixel) ? 0 : 1);
            assertThat(painted.get(pixel) || after[pixel] == before[pixel]).as("pixel " + pixel).isTrue();
        }
        assertThat(after).isNotEqualTo(before);
        assertThat(page.figures("origin")).containsExactly(null, "mask");
        assertThat(page.figures("verified")).containsOnly("true");
        try (GrpcReference grpc = new GrpcReference(served.server().grpcPort())) {
            GenerateRequest.Builder same = grpc.request(FAST, 2, SEED + 1).setGiven(MaskedValues.newBuilder()
                    .setValues(ByteString.copyFrom(before))
                    .setMask(ByteString.copyFrom(mask)));
            assertThat(page.figures("digest").get(1)).isEqualTo(grpc.digests(same).get(0));
        }
    }

    @Test
    void pauseStopsTheGrowthAndResumeGoesOnToTheSameImages() throws Exception {
        page.model(SLOW).choose(LABEL, SEED, 2, "PIXEL");
        page.when("document.querySelector('figure')?.dataset.decided > 0", "document.getElementById('pause').click();");
        page.begin();
        page.awaitState("paused");
        List<Integer> atPause = page.decided();
        int total = Integer.parseInt(page.figures("total").get(0));
        assertThat(atPause).hasSize(2).allMatch(decided -> decided < total);
        assertThat(page.text("status")).startsWith("Paused.");
        assertThat(page.text("pause")).isEqualTo("Resume");

        served.server().awaitNoActiveSlots(DRAWN_LIMIT); // all is drawn, and nothing of it shown
        assertThat(page.decided()).isEqualTo(atPause);

        page.click("pause");

        assertThat(page.awaitEnd()).isEqualTo("complete");
        assertThat(page.shown()).isSorted().endsWith(total);
        assertThat(page.figures("verified")).containsOnly("true");
        try (GrpcReference grpc = new GrpcReference(served.server().grpcPort())) {
            assertThat(page.figures("digest")).isEqualTo(grpc.digests(grpc.request(SLOW, LABEL, SEED).setCount(2)));
        }
    }

    @Test
    void cadenceChangesWhileTheImageGrows() {
        page.model(SLOW).choose(LABEL, SEED, 1, "FINAL");
        page.when(GROWS, """
                const cadence = document.getElementById('cadence');
                cadence.value = 'ROW';
                cadence.dispatchEvent(new Event('change'));
                """);

        assertThat(page.generate()).isEqualTo("complete");

        int total = Integer.parseInt(page.figures("total").get(0));
        assertThat(page.shown().stream().filter(decided -> decided > 0 && decided < total)).isNotEmpty();
        assertThat(page.figures("verified")).containsOnly("true");
    }

    @Test
    void oneImageIsGivenUpAndTheOthersGoOn() {
        page.model(SLOW).choose(LABEL, SEED, 3, "PIXEL");
        page.when("document.querySelectorAll('figure').length === 3", "document.querySelectorAll('.give-up')[1].click();");

        assertThat(page.generate()).isEqualTo("complete");

        assertThat(page.figures("state")).containsExactly("complete", "cancelled", "complete");
        assertThat(page.figures("verified")).containsExactly("true", "pending", "true");
        assertThat(page.text("status")).startsWith("Done in");
    }
}
