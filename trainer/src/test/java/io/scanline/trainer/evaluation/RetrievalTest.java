package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetrievalTest {
    private static final float[] QUERIES = {1, 0, 0, 1, 1, 0};
    private static final float[] CANDIDATES = {1, 0, 0, 1, 0, 1};

    @Test
    void rankCountsWhatIsNearerOrAsNear() {
        Retrieval found = Retrieval.of(QUERIES, CANDIDATES, 2);
        assertThat(found.ranks()).containsExactly(1, 2, 3);
        assertThat(found.recall(1)).isEqualTo(100.0 / 3);
        assertThat(found.recall(2)).isEqualTo(200.0 / 3);
        assertThat(found.recall(10)).isEqualTo(100);
        assertThat(found.chance(1)).isEqualTo(100.0 / 3);
        assertThat(found.chance(5)).isEqualTo(100);
        assertThat(found.medianRank()).isEqualTo(2);
        assertThat(new Retrieval(new int[] {1, 4, 2, 9}).medianRank()).isEqualTo(3);
    }

    @Test
    void modelThatSaysTheSameOfEverythingFindsNothing() {
        float[] same = {1, 0, 1, 0, 1, 0};
        assertThat(Retrieval.of(same, same, 2).ranks()).containsExactly(3, 3, 3);
        float[] broken = {Float.NaN, 0, Float.NaN, 0, Float.NaN, 0};
        assertThat(Retrieval.of(broken, broken, 2).recall(1)).isZero();
    }

    @Test
    void groupsNarrowTheChoice() {
        assertThat(Retrieval.withinGroups(QUERIES, CANDIDATES, 2, new int[] {0, 0, 0})).isEqualTo(100.0 / 3);
        assertThat(Retrieval.withinGroups(QUERIES, CANDIDATES, 2, new int[] {0, 0, 1})).isEqualTo(100);
    }
}
