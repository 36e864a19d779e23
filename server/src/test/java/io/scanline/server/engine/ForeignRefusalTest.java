package io.scanline.server.engine;

import static io.scanline.server.engine.HandWritten.CHANNELS;
import static io.scanline.server.engine.HandWritten.COLUMNS;
import static io.scanline.server.engine.HandWritten.ROWS;
import static io.scanline.server.engine.HandWritten.with;
import static io.scanline.server.engine.OnnxModel.FLOAT;
import static io.scanline.server.engine.OnnxModel.INT64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.TensorForm;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a description written by hand is said in words, with the form that would fit if there is one. */
@Timeout(60)
class ForeignRefusalTest {
    @TempDir
    private Path repository;

    private void assertRefused(Bundle.Builder bundle, OnnxModel model, Reason reason, String words) {
        assertThatThrownBy(() -> HandWritten.seal(repository, "bad", bundle, model))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(words);
                });
        assertThat(repository.resolve("bad/1/golden")).doesNotExist();
    }

    private static TensorForm.Builder form(String json) throws Exception {
        TensorForm.Builder form = TensorForm.newBuilder();
        JsonFormat.parser().merge(json, form);
        return form;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "nothing | {} | tensors of the graph \"classifier\" do not name it",
        "logits | {\"layout\": \"LAYOUT_NHWC\"} | only \"image\" has one",
        "logits | {\"element\": \"ELEMENT_UINT8\"} | only \"image\" may",
        "image | {\"element\": \"ELEMENT_INT32\"} | its numbers are float32",
        "image | {\"shape\": [36]} | it is that of the geometry",
        "logits | {\"shape\": [0]} | shape in the form of \"logits\" is 0",
        "logits | {\"mean\": [0], \"deviation\": [1]} | only \"image\" and \"latent\"",
        "image | {\"mean\": [0]} | come in pairs",
        "image | {\"mean\": [0], \"deviation\": [0]} | deviations above 0",
        "image | {\"mean\": [\"NaN\"], \"deviation\": [1]} | finite means",
        "image | {\"mean\": [0], \"deviation\": [1], \"element\": \"ELEMENT_UINT8\"} | of float32",
        "logits | {\"finish\": \"FINISH_LENGTH_ONE\"} | only \"embedding\" may",
        "image | {\"finish\": \"FINISH_LOGARITHM\"} | only \"logits\" of a classifier may"
    })
    void formThatMeansNothingIsRefused(String role, String json, String words) throws Exception {
        assertRefused(
                with(HandWritten.classifier(), role, form(json)), HandWritten.linear(3),
                Reason.BUNDLE_DESCRIPTION_INVALID, words);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "image | {\"mean\": [0, 0], \"deviation\": [1, 1]} | it must be one for all, or 3",
        "logits | {\"shape\": [2, 2]} | it must be as many numbers"
    })
    void formThatDoesNotFitTheContractsShapeIsRefused(String role, String json, String words) throws Exception {
        assertRefused(
                with(HandWritten.classifier(), role, form(json)), HandWritten.linear(3), Reason.BUNDLE_GRAPH_INVALID,
                words);
    }

    @Test
    void formThatWouldFitIsSaid() {
        assertRefused(
                HandWritten.classifier(), HandWritten.linearOfBytes(3), Reason.BUNDLE_GRAPH_INVALID,
                "it would fit with \"forms\": {\"image\": {\"layout\": \"LAYOUT_NHWC\", \"element\": "
                        + "\"ELEMENT_UINT8\"}}");
        assertRefused(
                HandWritten.classifier(),
                new OnnxModel().input("in", FLOAT, 1, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, 1, 3)
                        .node("Flatten", "in", "flat").weights("w", 1, HandWritten.VALUES, 3)
                        .node("MatMul", "flat w", "out"),
                Reason.BUNDLE_GRAPH_INVALID,
                "it would fit with \"forms\": {\"image\": {\"batchAxis\": \"BATCH_AXIS_ONE\"}}");
        assertRefused(
                HandWritten.classifier(),
                new OnnxModel().input("in", FLOAT, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, -1, 3)
                        .integers("one", 1, -1).node("Reshape", "in one", "flat")
                        .weights("w", 1, HandWritten.VALUES, 3).node("MatMul", "flat w", "out"),
                Reason.BUNDLE_GRAPH_INVALID,
                "it would fit with \"forms\": {\"image\": {\"batchAxis\": \"BATCH_AXIS_NONE\"}}");
    }

    @Test
    void inputThatNothingFillsIsSaid() {
        assertRefused(
                HandWritten.classifier(), HandWritten.linear(3).input("training", FLOAT), Reason.BUNDLE_GRAPH_INVALID,
                "[training]; name them in tensors, or say in constants what fills them");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "missing | 1 | the graph has no input \"missing\"",
        "in | 1 | uses the tensor \"in\" twice",
        "whole | 0.5 | cannot hold the constant 0.5",
        "whole | 1e300 | cannot hold the constant 1.0E300",
        "open | 1 | leaves open no axis but the first"
    })
    void constantThatCannotFillItsInputIsRefused(String name, double number, String words) {
        Bundle.Builder bundle = HandWritten.classifier();
        bundle.getGraphsBuilder(0).putConstants("whole", 1).putConstants("open", 1).putConstants(name, number);
        OnnxModel model = HandWritten.linear(3).input("whole", INT64);
        assertRefused(
                bundle, name.equals("open") ? model.input("open", FLOAT, 2, -1) : model.input("open", FLOAT),
                Reason.BUNDLE_GRAPH_INVALID, words);
    }

    @Test
    void graphsThatDrawValuesHaveNoForms() throws Exception {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, changed -> changed.getGraphsBuilder(0)
                .putForms("logits", TensorForm.getDefaultInstance()));

        assertThatThrownBy(() -> BundleCheck.check(bundle, HandWritten.config(repository)))
                .hasMessageContaining("cannot have forms or constants");
    }

    @Test
    void probabilitiesMustBeSome() throws Exception {
        assertRefused(
                with(HandWritten.classifier(), "logits", form("{\"finish\": \"FINISH_LOGARITHM\"}")),
                HandWritten.linear(3), Reason.BUNDLE_GRAPH_INVALID, "not finite");
    }

    @Test
    void samplesOfModelsThatDrawValuesAreNotMadeUp() throws Exception {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, Bundle.Builder::clearGoldenSamples);

        assertThatThrownBy(() -> BundleSeal.seal(bundle, HandWritten.config(repository)))
                .hasMessageContaining("made by its trainer");
    }

    @Test
    void pipelinesHaveNothingToSeal() throws Exception {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, changed -> changed.getPipelineBuilder().addStagesBuilder());

        assertThatThrownBy(() -> BundleSeal.seal(bundle, HandWritten.config(repository)))
                .hasMessageContaining("a pipeline has neither files nor golden samples");
    }

    @Test
    void sealedSamplesStayAndMustBeReproduced() throws Exception {
        Path bundle = HandWritten.seal(repository, "sealed", HandWritten.classifier(), HandWritten.linear(3));
        byte[] sealed = Files.readAllBytes(bundle.resolve("bundle.json"));
        BundleCheck.check(bundle, HandWritten.config(repository));
        BundleSeal.seal(bundle, HandWritten.config(repository));
        assertThat(Files.readAllBytes(bundle.resolve("bundle.json"))).isEqualTo(sealed);

        Files.write(bundle.resolve("model.onnx"), HandWritten.linear(3).weights("w2", 2, 3, 3).bytes());
        assertThatThrownBy(() -> BundleCheck.check(bundle, HandWritten.config(repository)))
                .asInstanceOf(type(EngineException.class))
                .extracting(EngineException::reason)
                .isEqualTo(Reason.BUNDLE_FILE_SIZE_MISMATCH);
        Files.write(bundle.resolve("model.onnx"), new OnnxModel()
                .input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, -1, 3)
                .node("Flatten", "in", "flat").weights("w", 9, HandWritten.VALUES, 3).node("MatMul", "flat w", "out")
                .bytes());
        BundleSeal.seal(bundle, HandWritten.config(repository));
        assertThatThrownBy(() -> BundleCheck.check(bundle, HandWritten.config(repository)))
                .asInstanceOf(type(EngineException.class))
                .extracting(EngineException::reason)
                .isEqualTo(Reason.BUNDLE_GOLDEN_MISMATCH);
    }
}
