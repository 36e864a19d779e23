package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rule by which images are kept, on images of 3 rows of 4 values whose likelihoods the test decides. */
class BestOfRaceTest {
    private static final int ROW = 4;

    private LaneRig rig;
    private GenerationTask generation;
    private BestOfRace race;

    @BeforeEach
    void open() {
        rig = new LaneRig(1, 1, true, 1);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** The images are not given to the lane. */
    private void race(int count, int keep, float margin) {
        CheckedRequest request = LaneRig.request(
                0, 1, count, Given.NOTHING, Optional.of(new BestOf(keep, margin)), Long.MAX_VALUE);
        generation = new GenerationTask(rig.lane(), request, new Admission.Ticket(0, 0), () -> {}, 0);
        race = generation.race().orElseThrow();
    }

    private ImageTask image(int index) {
        return generation.tasks().get(index);
    }

    /** Draws another row of an image, whose values have this log-likelihood together. */
    private void row(int index, double nats) {
        for (int column = 0; column < ROW; column++) {
            image(index).append(1, column == 0 ? nats : 0, 1);
            assertThat(race.advance(image(index))).isEqualTo(column == ROW - 1);
        }
        if (image(index).complete()) {
            image(index).finish(Sha256.digest(), 1);
        }
    }

    private void assertAbandoned(Integer... indices) {
        List<ImageTask> before = abandoned();
        race.judge();
        assertThat(abandoned()).filteredOn(image -> !before.contains(image))
                .extracting(ImageTask::index)
                .containsExactly(indices);
    }

    private List<ImageTask> abandoned() {
        return generation.tasks().stream().filter(image -> image.givenUp(FinishReason.ABANDONED)).toList();
    }

    private void cancel(int index) {
        image(index).giveUp(FinishReason.CANCELLED);
        image(index).finish(Sha256.digest(), 1);
    }

    @Test
    void imageIsAbandonedByALowerOneThatIsLikelierByMoreThanTheMargin() {
        race(3, 1, 1);
        row(0, -5);
        row(1, -6);
        row(2, -6.1);
        assertAbandoned(2);
        row(0, -5);
        row(1, -5.1);
        assertAbandoned(1);
        assertAbandoned();
    }

    @Test
    void higherImageAbandonsNobody() {
        race(2, 1, 0);
        row(0, -9);
        row(1, -1);
        assertAbandoned();
        row(0, -1);
        row(1, -1);
        row(0, -1);
        row(1, -1);
        race.settle();
        assertThat(image(0).result().orElseThrow().finishReason()).isEqualTo(FinishReason.ABANDONED);
        assertThat(image(0).result().orElseThrow().sha256()).hasSize(32);
        assertThat(image(1).result().orElseThrow().finishReason()).isEqualTo(FinishReason.COMPLETE);
    }

    @Test
    void abandonedImageCountsWhereItWasAndNotLater() {
        race(3, 1, 0);
        row(0, -1);
        row(1, -2);
        assertAbandoned(1);
        row(0, -9); // -10, where image 1 would have had more
        row(2, -0.5);
        row(2, -6);
        assertAbandoned();
        row(0, -1);
        row(2, -10);
        assertAbandoned();
    }

    @Test
    void imageThatRunsAheadIsJudgedOnceTheOthersAreThere() {
        race(2, 1, 0);
        row(1, -3);
        row(1, -3);
        assertAbandoned();
        row(0, -1);
        assertAbandoned(1);
    }

    @Test
    void cancelledImageIsAsIfItHadNeverBeen() {
        race(3, 1, 0);
        row(0, -1);
        row(1, -5);
        row(2, -6);
        cancel(0);
        assertAbandoned(2);
        row(1, -5);
        row(1, -5);
        race.settle();
        assertThat(image(1).result().orElseThrow().finishReason()).isEqualTo(FinishReason.COMPLETE);
        assertThat(image(0).result().orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
    }

    @Test
    void cancelledImageHoldsNobodyUp() {
        race(3, 1, 0);
        cancel(0);
        row(1, -1);
        row(2, -2);
        assertAbandoned(2);
    }

    @Test
    void likeliestAreKeptAndOfEqualsTheLower() {
        race(4, 2, 0);
        for (int row = 0; row < 3; row++) {
            row(0, -2);
            row(1, -2);
            row(2, -1);
            row(3, -2);
        }
        race.settle();
        assertThat(generation.tasks()).extracting(image -> image.result().orElseThrow().finishReason())
                .containsExactly(
                        FinishReason.COMPLETE, FinishReason.ABANDONED, FinishReason.COMPLETE, FinishReason.ABANDONED);
    }
}
