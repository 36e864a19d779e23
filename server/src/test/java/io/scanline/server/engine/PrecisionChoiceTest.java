package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator says of precisions. */
class PrecisionChoiceTest {
    private static final Bundle BOTH = TinyBundle.verified(TinyBundle.INT8).bundle();
    private static final Bundle ONE = TinyBundle.verified(TinyBundle.NAME).bundle();

    @TempDir
    private Path repository;

    @Test
    void nothingSaidMeansFp32() {
        assertThat(PrecisionChoice.FP32.order(BOTH)).containsExactly("fp32", "int8");
        assertThat(PrecisionChoice.of(List.of())).isEqualTo(PrecisionChoice.FP32);
    }

    @Test
    void whatADeviceIsMadeForHoldsUnlessTheOperatorSaysAnother() {
        PrecisionChoice onCuda = PrecisionChoice.FP32.orElse(PrecisionChoice.FP16);
        assertThat(onCuda).isEqualTo(PrecisionChoice.of(List.of("fp16")));
        assertThat(onCuda.order(BOTH)).containsExactly("fp32", "int8"); // which does not have it
        assertThat(PrecisionChoice.of(List.of("int8")).orElse("fp16").order(BOTH)).containsExactly("int8", "fp32");
    }

    @Test
    void whatIsMadeForGpusIsServedOnlyWhereItIsChosen() {
        Bundle all = BOTH.toBuilder()
                .addGraphs(Graph.newBuilder().setRole("chunk").setVariant("fp16"))
                .build();
        assertThat(PrecisionChoice.FP32.order(all)).containsExactly("fp32", "int8");
        assertThat(PrecisionChoice.of(List.of("int8")).order(all)).containsExactly("int8", "fp32");
        assertThat(PrecisionChoice.of(List.of("fp16")).order(all)).containsExactly("fp16", "fp32", "int8");
    }

    @Test
    void oneForAllIsThatOfTheModelsThatHaveIt() {
        PrecisionChoice int8 = PrecisionChoice.of(List.of("int8"));
        assertThat(int8.order(BOTH)).containsExactly("int8", "fp32");
        assertThat(int8.order(ONE)).containsExactly("fp32");
        assertThat(int8.order(Bundle.getDefaultInstance())).isEmpty();
    }

    @Test
    void singleModelsAreExceptions() {
        PrecisionChoice choice = PrecisionChoice.of(List.of("int8", TinyBundle.INT8 + "=fp32"));
        assertThat(choice.order(BOTH)).containsExactly("fp32", "int8");
        assertThat(choice.order(BOTH.toBuilder().setName("another").build())).containsExactly("int8", "fp32");
    }

    @Test
    void whatIsNoPrecisionOrIsSaidTwiceIsRefused() {
        assertThatThrownBy(() -> PrecisionChoice.of(List.of("int4")))
                .hasMessage("\"int4\" is no precision; there are fp32, int8, fp16");
        assertThatThrownBy(() -> PrecisionChoice.of(List.of("tiny="))).hasMessageContaining("is no precision");
        assertThatThrownBy(() -> PrecisionChoice.of(List.of("tiny=int8", "tiny=fp32")))
                .hasMessageContaining("\"tiny=fp32\" comes after another precision");
        assertThat(PrecisionChoice.of(List.of("int8", "int8")).everywhere()).isEqualTo("int8");
    }

    @Test
    void modelsThatAreNotThereOrLackItAreRefused() throws Exception {
        TinyBundle.copyOf(TinyBundle.INT8, repository, "both");
        TinyBundle.copy(repository, "one");
        Files.createDirectories(repository.resolve("broken/1"));
        assertThatCode(() -> check("both=int8", "one=fp32", "int8", "broken=int8")).doesNotThrowAnyException();
        assertThatThrownBy(() -> check("nobody=int8")).hasMessage("there is no model \"nobody\" in the repository");
        assertThatThrownBy(() -> check("one=int8")).hasMessage("the model \"one\" has no step graph in int8");
    }

    @Test
    void pipelineStandsForItsPrior() throws Exception {
        TinyBundle.copyOf(TinyBundle.TEXT_PRIOR_INT8, repository, TinyBundle.TEXT_PRIOR_INT8);
        PipelineBundle.write(repository, "pictures", TinyBundle.TEXT_PRIOR_INT8, null, bundle -> {});
        TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, TinyBundle.TEXT_PRIOR);
        PipelineBundle.write(repository, "plain", TinyBundle.TEXT_PRIOR, null, bundle -> {});
        assertThat(PrecisionChoice.of(List.of("pictures=int8", "nobody=int8")).ofPriors(repository, 1 << 20).byModel())
                .containsOnly(entry(TinyBundle.TEXT_PRIOR_INT8, "int8"), entry("nobody", "int8"));
        assertThatCode(() -> check("pictures=int8", TinyBundle.TEXT_PRIOR_INT8 + "=int8")).doesNotThrowAnyException();
        assertThatThrownBy(() -> check("pictures=int8", TinyBundle.TEXT_PRIOR_INT8 + "=fp32"))
                .hasMessage("there are two precisions for the steps of \"" + TinyBundle.TEXT_PRIOR_INT8 + "\"");
        assertThatThrownBy(() -> check("plain=int8"))
                .hasMessage("the model \"" + TinyBundle.TEXT_PRIOR + "\" has no step graph in int8");
    }

    private void check(String... written) {
        PrecisionChoice.of(List.of(written)).check(repository, 1 << 20);
    }
}
