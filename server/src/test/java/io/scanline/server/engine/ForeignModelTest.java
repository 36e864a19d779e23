package io.scanline.server.engine;

import static io.scanline.server.engine.HandWritten.CHANNELS;
import static io.scanline.server.engine.HandWritten.COLUMNS;
import static io.scanline.server.engine.HandWritten.ROWS;
import static io.scanline.server.engine.HandWritten.VALUES;
import static io.scanline.server.engine.HandWritten.with;
import static io.scanline.server.engine.OnnxModel.FLOAT;
import static io.scanline.server.engine.OnnxModel.INT32;
import static io.scanline.server.engine.OnnxModel.INT64;
import static io.scanline.server.engine.OnnxModel.UINT8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.BatchAxis;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Finish;
import io.scanline.bundle.v1.Layout;
import io.scanline.bundle.v1.TensorForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that were exported elsewhere answer, bit for bit, as the same graph does that looks as the contract says. */
@Timeout(60)
class ForeignModelTest {
    private static final String OWN = "own";
    private static final String FOREIGN = "foreign";
    private static final int COMPONENTS = 5;
    private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};
    private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};

    @TempDir
    private Path repository;

    private void seal(String name, Bundle.Builder bundle, OnnxModel model) throws Exception {
        HandWritten.seal(repository, name, bundle, model);
    }

    private byte[] golden(String model, String file) throws IOException {
        return Files.readAllBytes(repository.resolve(model).resolve("1/golden").resolve("0." + file));
    }

    private static List<byte[]> images(int count) {
        Random random = new Random(7);
        List<byte[]> images = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] image = new byte[VALUES];
            random.nextBytes(image);
            images.add(image);
        }
        return images;
    }

    private static List<EmbedInput> inputs() {
        return images(5).stream().<EmbedInput>map(EmbedInput.Values::new).toList();
    }

    private static List<List<ClassProbability>> classify(DecodingEngine engine, String model) throws EngineException {
        return TinyLatents.get(engine.classify(
                new ClassifyRequest(model, "", inputs(), List.of(), List.of(), 3, Long.MAX_VALUE)));
    }

    private static List<float[]> embed(DecodingEngine engine, String model) throws EngineException {
        return TinyLatents.get(engine.embed(new EmbedRequest(model, "", inputs(), Long.MAX_VALUE)));
    }

    private static List<byte[]> draw(DecodingEngine engine, String model) throws EngineException {
        Random random = new Random(3);
        List<Latent> latents = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            float[] mean = new float[COMPONENTS];
            for (int d = 0; d < COMPONENTS; d++) {
                mean[d] = (float) random.nextGaussian();
            }
            latents.add(new Latent.Gaussian(mean, new float[0]));
        }
        return TinyLatents.get(engine.decode(
                new DecodeRequest(model, "", ClassSelector.NONE, latents, Long.MAX_VALUE)));
    }

    private void assertClassesAgree() throws Exception {
        assertThat(golden(FOREIGN, "logits")).isEqualTo(golden(OWN, "logits"));
        try (DecodingEngine engine = HandWritten.open(repository)) {
            assertThat(classify(engine, FOREIGN)).hasSize(5).isEqualTo(classify(engine, OWN));
        }
    }

    private void assertPicturesAgree() throws Exception {
        assertThat(golden(FOREIGN, "image")).isEqualTo(golden(OWN, "image"));
        try (DecodingEngine engine = HandWritten.open(repository)) {
            assertThat(draw(engine, FOREIGN)).hasSize(2).containsExactlyElementsOf(draw(engine, OWN));
        }
    }

    @Test
    void classifierTakesBytesWithChannelsLast() throws Exception {
        seal(OWN, HandWritten.classifier(), HandWritten.linear(3));
        seal(FOREIGN,
                with(HandWritten.classifier(), "image", TensorForm.newBuilder()
                        .setLayout(Layout.LAYOUT_NHWC).setElement(Element.ELEMENT_UINT8)),
                HandWritten.linearOfBytes(3));

        assertClassesAgree();
    }

    @Test
    void classifierWithoutBatchAxisTakesImagesOneByOne() throws Exception {
        TensorForm.Builder none = TensorForm.newBuilder().setBatchAxis(BatchAxis.BATCH_AXIS_NONE);
        seal(OWN, HandWritten.classifier(), HandWritten.linear(3));
        seal(FOREIGN,
                with(with(HandWritten.classifier(), "image", none), "logits", none),
                new OnnxModel().input("in", FLOAT, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, 3)
                        .integers("one", 1, -1).node("Reshape", "in one", "flat")
                        .weights("w", 1, VALUES, 3).node("MatMul", "flat w", "row")
                        .integers("all", 3).node("Reshape", "row all", "out"));

        assertClassesAgree();
    }

    @Test
    void classifierMayFixItsBatchAxisAtOneAndAnswerWithProbabilities() throws Exception {
        TensorForm.Builder one = TensorForm.newBuilder().setBatchAxis(BatchAxis.BATCH_AXIS_ONE);
        seal(OWN, HandWritten.classifier(), HandWritten.linear(3));
        seal(FOREIGN,
                with(with(HandWritten.classifier(), "image", one), "logits",
                        one.clone().setFinish(Finish.FINISH_LOGARITHM).addShape(3).addShape(1)),
                new OnnxModel().input("in", FLOAT, 1, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, 1, 3, 1)
                        .node("Flatten", "in", "flat").weights("w", 1, VALUES, 3).node("MatMul", "flat w", "logits")
                        .nodeOf("Softmax", "logits", "row", "axis", 1)
                        .integers("shape", 1, 3, 1).node("Reshape", "row shape", "out"));

        try (DecodingEngine engine = HandWritten.open(repository)) {
            List<List<ClassProbability>> own = classify(engine, OWN);
            List<List<ClassProbability>> foreign = classify(engine, FOREIGN);
            for (int image = 0; image < own.size(); image++) {
                for (int rank = 0; rank < 3; rank++) {
                    assertThat(foreign.get(image).get(rank).name()).isEqualTo(own.get(image).get(rank).name());
                    assertThat(foreign.get(image).get(rank).probability())
                            .isCloseTo(own.get(image).get(rank).probability(), within(1e-5));
                }
            }
        }
    }

    /** A decoder of latents, as the contract says. */
    private static OnnxModel draws() {
        return new OnnxModel().input("in", FLOAT, -1, COMPONENTS).output("out", FLOAT, -1, CHANNELS, ROWS, COLUMNS);
    }

    /** From latents to "image". */
    private static OnnxModel draws(OnnxModel model, String latent, int items) {
        return model.weights("w", 2, COMPONENTS, VALUES).node("MatMul", latent + " w", "logits")
                .node("Sigmoid", "logits", "sigmoid").integers("planes", items, CHANNELS, ROWS, COLUMNS)
                .node("Reshape", "sigmoid planes", "image");
    }

    /** From latents to whole numbers from 0 to 255, "rounded". */
    private static OnnxModel rounds(OnnxModel model) {
        return draws(model, "in", -1).floats("white", new int[] {1}, 255).node("Mul", "image white", "scaled")
                .node("Round", "scaled", "rounded");
    }

    @Test
    void decoderAnswersWithBytesAndChannelsLast() throws Exception {
        seal(OWN, HandWritten.decoder(COMPONENTS), rounds(draws()).node("Div", "rounded white", "out"));
        seal(FOREIGN,
                with(HandWritten.decoder(COMPONENTS), "image", TensorForm.newBuilder()
                        .setLayout(Layout.LAYOUT_NHWC).setElement(Element.ELEMENT_UINT8)),
                rounds(new OnnxModel().input("in", FLOAT, -1, COMPONENTS)
                                .output("out", UINT8, -1, ROWS, COLUMNS, CHANNELS))
                        .nodeOf("Cast", "rounded", "bytes", "to", UINT8)
                        .node("Transpose", "bytes", "out", "perm", 0, 2, 3, 1));

        assertPicturesAgree();
    }

    @Test
    void decoderWithoutBatchAxisTakesLatentsOfAnotherShapeAndAnswersFromMinusOneToOne() throws Exception {
        TensorForm.Builder none = TensorForm.newBuilder().setBatchAxis(BatchAxis.BATCH_AXIS_NONE);
        seal(OWN, HandWritten.decoder(COMPONENTS),
                draws(draws(), "in", -1).floats("half", new int[] {1}, 0.5f)
                        .node("Sub", "image half", "a").node("Div", "a half", "b")
                        .node("Mul", "b half", "c").node("Add", "c half", "out"));
        seal(FOREIGN,
                with(with(HandWritten.decoder(COMPONENTS), "image", none.clone().addMean(0.5f).addDeviation(0.5f)),
                        "latent", none.clone().addShape(COMPONENTS).addShape(1).addShape(1)),
                draws(new OnnxModel().input("in", FLOAT, COMPONENTS, 1, 1)
                                .output("out", FLOAT, CHANNELS, ROWS, COLUMNS)
                                .integers("row", 1, COMPONENTS).node("Reshape", "in row", "z"),
                        "z", 1)
                        .floats("half", new int[] {1}, 0.5f).node("Sub", "image half", "a")
                        .node("Div", "a half", "signed").integers("one", CHANNELS, ROWS, COLUMNS)
                        .node("Reshape", "signed one", "out"));

        assertPicturesAgree();
    }

    @Test
    void inputsThatTheContractDoesNotKnowAreFilledWithTheirConstants() throws Exception {
        Bundle.Builder foreign = HandWritten.decoder(COMPONENTS);
        foreign.getGraphsBuilder(0).putConstants("class", 3).putConstants("truncation", 0.5);
        seal(OWN, HandWritten.decoder(COMPONENTS),
                draws(draws().floats("shift", new int[] {1}, 3 * 0.5f).node("Add", "in shift", "shifted"),
                        "shifted", -1).node("Identity", "image", "out"));
        seal(FOREIGN, foreign,
                draws(draws().input("class", INT64, -1, 1).input("truncation", FLOAT)
                                .nodeOf("Cast", "class", "column", "to", FLOAT)
                                .node("Mul", "column truncation", "shift").node("Add", "in shift", "shifted"),
                        "shifted", -1).node("Identity", "image", "out"));

        assertPicturesAgree();
    }

    @Test
    void labelMayBeInt32OfAnotherShape() throws Exception {
        Bundle.Builder foreign = HandWritten.decoder(COMPONENTS);
        foreign.getConditioningBuilder().addAllClassNames(List.of("zero", "one", "two"));
        foreign.getGraphsBuilder(0).putTensors("label", "class");
        Bundle.Builder own = foreign.clone();
        with(foreign, "label", TensorForm.newBuilder().setElement(Element.ELEMENT_INT32).addShape(1));
        seal(OWN, own, labelled(INT64, false));
        seal(FOREIGN, foreign, labelled(INT32, true));

        try (DecodingEngine engine = HandWritten.open(repository)) {
            List<byte[]> images = new ArrayList<>();
            for (String model : List.of(OWN, FOREIGN)) {
                for (String name : List.of("zero", "two")) {
                    images.addAll(TinyLatents.get(engine.decode(new DecodeRequest(
                            model, "", new ClassSelector(OptionalInt.empty(), name),
                            List.of(new Latent.Gaussian(new float[COMPONENTS], new float[0])), Long.MAX_VALUE))));
                }
            }
            assertThat(images.get(2)).isEqualTo(images.get(0));
            assertThat(images.get(3)).isEqualTo(images.get(1)).isNotEqualTo(images.get(0));
        }
    }

    private static OnnxModel labelled(int type, boolean column) {
        OnnxModel model = column ? draws().input("class", type, -1, 1) : draws().input("class", type, -1);
        return draws(
                model.integers("column", -1, 1).node("Reshape", "class column", "classes")
                        .nodeOf("Cast", "classes", "shift", "to", FLOAT).node("Add", "in shift", "shifted"),
                "shifted", -1).node("Identity", "image", "out");
    }

    /** From images to vectors of length 1. */
    private static OnnxModel tower(OnnxModel model, String in) {
        return model.output("out", FLOAT, -1, 4).node("Flatten", in, "flat").weights("w", 4, VALUES, 4)
                .node("MatMul", "flat w", "vector").node("ReduceL2", "vector", "length", "axes", 1)
                .node("Div", "vector length", "out");
    }

    @Test
    void imageTowerIsShownWhatItsMeanAndDeviationMake() throws Exception {
        TensorForm.Builder form = TensorForm.newBuilder();
        for (int channel = 0; channel < CHANNELS; channel++) {
            form.addMean(MEAN[channel]).addDeviation(DEVIATION[channel]);
        }
        OnnxModel normalising = new OnnxModel().input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS)
                .floats("mean", new int[] {1, CHANNELS, 1, 1}, MEAN)
                .floats("deviation", new int[] {1, CHANNELS, 1, 1}, DEVIATION)
                .node("Sub", "in mean", "centred").node("Div", "centred deviation", "normal");
        seal(OWN, HandWritten.imageTower(4), tower(normalising, "normal"));
        seal(FOREIGN, with(HandWritten.imageTower(4), "image", form),
                tower(new OnnxModel().input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS), "in"));

        assertThat(golden(FOREIGN, "embedding")).isEqualTo(golden(OWN, "embedding"));
        try (DecodingEngine engine = HandWritten.open(repository)) {
            assertThat(embed(engine, FOREIGN)).hasSize(5).containsExactlyElementsOf(embed(engine, OWN));
        }
    }

    @Test
    void vectorsOfAnyLengthAreMadeOfLengthOne() throws Exception {
        seal(OWN, HandWritten.imageTower(4),
                tower(new OnnxModel().input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS), "in"));
        seal(FOREIGN,
                with(HandWritten.imageTower(4), "embedding",
                        TensorForm.newBuilder().setFinish(Finish.FINISH_LENGTH_ONE)),
                new OnnxModel().input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, -1, 4)
                        .node("Flatten", "in", "flat").weights("w", 4, VALUES, 4).node("MatMul", "flat w", "out"));

        ByteBuffer own = ByteBuffer.wrap(golden(OWN, "embedding")).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer foreign = ByteBuffer.wrap(golden(FOREIGN, "embedding")).order(ByteOrder.LITTLE_ENDIAN);
        for (int d = 0; d < 4; d++) {
            assertThat(foreign.getFloat()).isCloseTo(own.getFloat(), within(1e-6f));
        }
    }

    @Test
    void textTowerTakesInt32IdsAndAMask() throws Exception {
        Path directory = TinyBundle.copyOf("tiny-clip", repository, FOREIGN);
        OnnxModel text = new OnnxModel().input("ids", INT32, -1, 24).input("mask", INT32, -1, 24)
                .output("out", FLOAT, -1, 8)
                .node("Mul", "ids mask", "kept").nodeOf("Cast", "kept", "numbers", "to", FLOAT)
                .weights("w", 5, 24, 8).node("MatMul", "numbers w", "out");
        Files.write(directory.resolve("text.onnx"), text.bytes());
        TensorForm int32 = TensorForm.newBuilder().setElement(Element.ELEMENT_INT32).build();
        TinyBundle.edit(directory, bundle -> bundle.clearGoldenSamples().getGraphsBuilder(1)
                .clearTensors().putTensors("tokens", "ids").putTensors("mask", "mask").putTensors("embedding", "out")
                .putForms("tokens", int32).putForms("mask", int32)
                .putForms("embedding", TensorForm.newBuilder().setFinish(Finish.FINISH_LENGTH_ONE).build()));
        BundleSeal.seal(directory, HandWritten.config(repository));

        try (DecodingEngine engine = HandWritten.open(repository)) {
            List<float[]> vectors = TinyLatents.get(engine.embed(new EmbedRequest(
                    FOREIGN, "", List.of(new EmbedInput.Text("a picture"), new EmbedInput.Text("cat")),
                    Long.MAX_VALUE)));
            ByteBuffer golden = ByteBuffer.wrap(golden(FOREIGN, "text")).order(ByteOrder.LITTLE_ENDIAN);
            for (float component : vectors.get(0)) {
                assertThat(component).isEqualTo(golden.getFloat());
            }
            assertThat(vectors.get(1)).isNotEqualTo(vectors.get(0));
        }
    }
}
