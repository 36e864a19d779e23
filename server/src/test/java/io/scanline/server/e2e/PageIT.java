package io.scanline.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.server.engine.PipelineBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;

/** A person with a browser, before the real server with the models that we ship. */
class PageIT {
    private static final int SLOTS = 16;
    /** One of the models that we ship: it draws value by value and by class. */
    private static final String MODEL = "fashion-pixels";
    private static final int LABEL = 7;
    private static final long SEED = 20261121;

    @RegisterExtension
    private static final ServedPage served = ServedPage.ofShippedModels();

    private GeneratorPage page;

    @BeforeEach
    void openThePage() {
        page = served.open().model(MODEL);
    }

    @Test
    void whatIsOnOfferFirstDraws() {
        assertThat(served.open().generate()).isEqualTo("complete");
    }

    @Test
    void modelsThatDrawNothingCannotBeChosen() {
        for (String name : List.of("clip-emoji", "vit-fashion", "ae-mnist")) {
            assertThatThrownBy(() -> page.model(name)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void imagesGrowPieceByPieceIntoThePictureOfTheDigest() throws Exception {
        page.choose(LABEL, SEED, 4, "ROW");

        assertThat(page.generate()).isEqualTo("complete");

        int total = Integer.parseInt(page.figures("total").get(0));
        List<Integer> shown = page.shown();
        assertThat(shown).isSorted().doesNotHaveDuplicates().endsWith(total);
        assertThat(shown.stream().filter(decided -> decided > 0 && decided < total)).hasSizeGreaterThanOrEqualTo(5);
        assertThat(page.figures("verified")).hasSize(4).containsOnly("true");
        for (int image = 0; image < 4; image++) {
            assertThat(sha256(page.levelsOnCanvas(image))).isEqualTo(page.figures("digest").get(image));
        }
        assertThat(page.figures("digest")).isEqualTo(digestsOverGrpc(4));
        assertThat(page.number("first")).matches("[0-9.]+ m?s");
        assertThat(page.number("rate")).matches("[0-9,]+");
        assertThat(page.number("seed")).isEqualTo(Long.toString(SEED));
        assertThat(page.text("status")).startsWith("Done in");
    }

    @Test
    void everyCadenceEndsInTheSamePicture() throws Exception {
        List<String> expected = digestsOverGrpc(1);
        for (String cadence : List.of("PIXEL", "ROW", "INTERVAL", "PREVIEW", "FINAL")) {
            page.choose(LABEL, SEED, 1, cadence);

            assertThat(page.generate()).as(cadence).isEqualTo("complete");

            assertThat(page.figures("digest")).as(cadence).isEqualTo(expected);
            assertThat(page.figures("verified")).as(cadence).containsExactly("true");
            assertThat(sha256(page.levelsOnCanvas(0))).as(cadence).isEqualTo(expected.get(0));
        }
    }

    @Test
    void cancelStopsTheImagesAndFreesTheirSlotsForTheNext() throws Exception {
        page.choose(LABEL, SEED, SLOTS, "PIXEL");
        page.begin();
        page.awaitPixels();

        page.click("cancel");

        assertThat(page.awaitEnd()).isEqualTo("cancelled");
        List<Integer> atCancel = page.decided();
        int total = Integer.parseInt(page.figures("total").get(0));
        assertThat(atCancel).hasSize(SLOTS).allMatch(decided -> decided < total);
        served.server().awaitNoActiveSlots(Duration.ofSeconds(5));
        assertThat(page.decided()).isEqualTo(atCancel);
        assertThat(page.text("status")).isEqualTo("Cancelled.");
        assertThat(served.browser().driver().findElement(By.id("error")).isDisplayed()).isFalse();

        assertThat(page.generate()).isEqualTo("complete");
        assertThat(page.number("queue")).isEqualTo("none");
        assertThat(page.figures("verified")).hasSize(SLOTS).containsOnly("true");
    }

    @Test
    void theKeyboardAloneStartsAndCancels() {
        page.choose(LABEL, SEED, SLOTS, "ROW");
        served.browser().driver().findElement(By.id("seed")).sendKeys(Keys.ENTER);
        page.awaitPixels();
        served.browser().driver().switchTo().activeElement().sendKeys(Keys.ESCAPE);
        assertThat(page.awaitEnd()).isEqualTo("cancelled");
    }

    @Test
    void refusalShowsStatusReasonAndTheFieldAtFault() {
        page.choose(LABEL, SEED, SLOTS + 1, "ROW");

        assertThat(page.generate()).isEqualTo("failed");

        assertThat(page.text("error-status")).isEqualTo("INVALID_ARGUMENT");
        assertThat(page.text("error-reason")).isEqualTo("COUNT_OUT_OF_RANGE");
        assertThat(page.text("error-message")).isNotBlank();
        assertThat(page.text("count-error")).isNotBlank();
        assertThat(served.browser().driver().findElement(By.id("count")).getDomAttribute("aria-invalid")).isEqualTo("true");

        page.type("count", "1");
        assertThat(page.generate()).isEqualTo("complete");
        assertThat(served.browser().driver().findElement(By.id("error")).isDisplayed()).isFalse();
        assertThat(served.browser().driver().findElement(By.id("count")).getDomAttribute("aria-invalid")).isNull();
    }

    @Test
    void aSeedThatIsNoNumberIsExplainedWithoutAskingTheServer() {
        page.choose(LABEL, SEED, 1, "ROW");
        page.type("seed", "a boot");
        page.click("generate");
        assertThat(page.text("seed-error")).contains("whole number");
        assertThat(served.browser().driver().findElement(By.id("gallery")).getDomAttribute("data-state")).isEqualTo("idle");
    }

    @Test
    void aDeadlineThatCannotBeKeptEndsTheGeneration() {
        page.choose(LABEL, SEED, SLOTS, "ROW");
        served.browser().driver().findElement(By.tagName("summary")).click();
        page.type("deadline", "0.1");

        assertThat(page.generate()).isEqualTo("failed");

        // Refused when the forecast is too long, cut off when it was too hopeful.
        assertThat(page.text("error-status")).isIn("RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED");
        served.server().awaitNoActiveSlots(Duration.ofSeconds(5));
    }

    @Test
    void aModelThatDoesNotServeIsListedWithItsReason(@TempDir Path models) throws Exception {
        Bundles.copy(ServedPage.tiny("tiny").resolve("1"), models.resolve("tiny").resolve("1"));
        Files.writeString(Files.createDirectories(models.resolve("broken").resolve("1")).resolve("bundle.json"), "{");
        try (ServerProcess other = ServerProcess.start(models)) {
            assertThat(other.models()).isEqualTo(1);
            page = GeneratorPage.open(served.browser(), other.webPort());

            var broken = served.browser().driver().findElement(By.cssSelector("#model option[value='0']"));
            assertThat(broken.getText()).isEqualTo("broken 1 (not serving)");
            assertThat(broken.isEnabled()).isFalse();
            assertThat(page.text("model-note")).contains("broken 1: BUNDLE_DESCRIPTION_INVALID");
            assertThat(served.browser().driver().findElement(By.id("captions")).isDisplayed()).isFalse();
            page.choose(0, SEED, 1, "ROW");
            assertThat(page.generate()).isEqualTo("complete");
            assertThat(page.figures("verified")).containsExactly("true");
        }
    }

    @Test
    void imageThatIsMadeOfCodesIsShownWhileTheyAreDrawn(@TempDir Path models) throws Exception {
        Path prior = ServedPage.tiny("tiny-prior").resolve("1");
        Bundles.copy(prior, models.resolve("tiny-prior").resolve("1"));
        try (ServerProcess other = ServerProcess.start(models)) {
            page = GeneratorPage.open(served.browser(), other.webPort());
            assertThat(page.text("model-note")).contains("drawn as 4 × 3 codes of 16");
            for (String cadence : List.of("INTERVAL", "FINAL")) { // previews, or nothing until the end
                page.choose(1, SEED, 2, cadence);
                assertThat(page.generate()).isEqualTo("complete");
                assertThat(page.figures("verified")).hasSize(2).containsOnly("true");
                assertThat(page.figures("total")).containsOnly("12");
                assertThat(page.figures("decided")).containsOnly("12");
                assertThat(page.shown()).isSorted().endsWith(12);
            }
        }
    }

    @Test
    void bestImageOfAPipelineIsMarked(@TempDir Path models) throws Exception {
        for (String model : List.of("tiny-text-prior", "tiny-judge")) {
            Bundles.copy(ServedPage.tiny(model).resolve("1"), models.resolve(model).resolve("1"));
        }
        PipelineBundle.write(models, "picture", "tiny-text-prior", "tiny-judge", bundle -> {});
        try (ServerProcess other = ServerProcess.start(models)) {
            page = GeneratorPage.open(served.browser(), other.webPort()); // the first model is chosen
            page.type("seed", Long.toString(SEED));
            page.type("count", "3");
            page.type("prompt", "a red cat");
            assertThat(page.generate()).isEqualTo("complete");
            assertThat(page.figures("rank")).containsExactlyInAnyOrder("1", "2", "3");
            assertThat(page.figures("verified")).containsOnly("true");
        }
    }

    @Test
    void modelThatReadsTextsIsAskedForOne(@TempDir Path models) throws Exception {
        Path prior = ServedPage.tiny("tiny-text-prior").resolve("1");
        Bundles.copy(prior, models.resolve("tiny-text-prior").resolve("1"));
        try (ServerProcess other = ServerProcess.start(models)) {
            page = GeneratorPage.open(served.browser(), other.webPort());
            page.type("seed", "11");
            page.type("count", "1");
            assertThat(page.text("guidance-value")).isEqualTo("3.00");
            page.type("prompt", "big dog");
            assertThat(page.generate()).isEqualTo("complete");
            List<String> dog = page.figures("digest");
            assertThat(page.text("prompt-note")).isEmpty();
            page.type("prompt", "the sun");
            assertThat(page.generate()).isEqualTo("complete");
            assertThat(page.figures("digest")).isNotEqualTo(dog);
            page.type("prompt", "a zebra on the moon");
            assertThat(page.generate()).isEqualTo("complete");
            assertThat(page.text("prompt-note")).startsWith("1 of 7 ids");
            page.type("prompt", "a a a a a a a");
            assertThat(page.generate()).isEqualTo("failed");
            assertThat(page.text("error-reason")).isEqualTo("PROMPT_TOO_LONG");
            assertThat(page.text("prompt-error")).contains("9 tokens");
        }
    }

    @Test
    void theLargestSeedIsTakenWhole() {
        page.choose(LABEL, 1, 1, "FINAL");
        page.type("seed", "18446744073709551615");
        assertThat(page.generate()).isEqualTo("complete");
        assertThat(page.number("seed")).isEqualTo("18446744073709551615");
    }

    /** What grpc-netty streams for the request that the page makes of the same choices. */
    private static List<String> digestsOverGrpc(int count) throws InterruptedException {
        try (GrpcReference grpc = new GrpcReference(served.server().grpcPort())) {
            return grpc.digests(grpc.request(MODEL, LABEL, SEED).setCount(count));
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
