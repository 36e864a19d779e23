package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.scanline.v1.CaptionFinished;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.ClassifyRequest;
import io.scanline.v1.DecodeRequest;
import io.scanline.v1.EmbedInput;
import io.scanline.v1.EmbedRequest;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.ImageResult;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.ModelState;
import io.scanline.v1.Sampling;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole way of every family, by the commands that a user types: from a recipe over three steps to a bundle, whose
 * graphs answer as libtorch does, to the packaged server, which replays its golden samples before it serves it, to what a
 * client is streamed.
 */
class EveryFamilyIT {
    private static final int STEPS = 3;
    private static final int ALL = 600; // images of the data set: every step sees the same ones, so that the loss must fall
    private static final int MANY = 40;
    /** What others begin with: tokenizers of images, and an eye. */
    private static final Map<String, String> NEEDED =
            Map.of("tiny-prior", "tiny-vq", "tiny-text-prior", "tiny-shapes-vq", "tiny-captioner", "tiny-clip");
    private static final int LOSS = 3; // column of loss.csv
    private static final ClassLabel LABEL = ClassLabel.newBuilder().setIndex(1).build();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "tiny,                 falls",
        "tiny-local-2d,        falls",
        "tiny-pixel-cnn,       falls",
        "tiny-gated-pixel-cnn, falls",
        "tiny-wavenet,         falls",
        "tiny-row-lstm,        falls",
        "tiny-diagonal-bilstm, falls",
        "tiny-prior,           falls",
        "tiny-text-prior,      falls on average", // what is dropped is drawn anew, too
        "tiny-ae,              falls",
        "tiny-vae,             falls on average", // latents are drawn anew at every step, so that three steps say little
        "tiny-vq,              falls",
        "tiny-vqgan,           falls", // of its first steps, before the opponent begins
        "tiny-gan,             plays", // two losses against each other: neither has to fall
        "tiny-vit,             falls",
        "tiny-clip,            falls",
        "tiny-siglip,          falls",
        "tiny-captioner,       falls"
    })
    void trainsExportsLoadsAndStreams(String name, String loss) throws Exception {
        if (NEEDED.containsKey(name)) {
            trainAndExport(NEEDED.get(name), STEPS);
        }
        List<Double> losses = trainAndExport(name, loss.equals("falls on average") ? MANY : STEPS);
        assertThat(losses).allMatch(Double::isFinite);
        switch (loss) {
            case "falls" -> assertThat(losses).hasSize(STEPS).isSortedAccordingTo(Comparator.reverseOrder());
            case "falls on average" -> assertThat(mean(losses.subList(MANY / 2, MANY)))
                    .isLessThan(mean(losses.subList(0, MANY / 2)));
            default -> assertThat(losses).hasSize(STEPS);
        }
        try (ServedModels served = ServedModels.start(models(), directory.resolve("server.log"))) {
            Model model = ModelServiceGrpc.newBlockingStub(served.channel())
                    .getModel(GetModelRequest.newBuilder()
                            .setModel(ModelSelector.newBuilder().setName(name))
                            .build())
                    .getModel();
            assertThat(model.getState()).as(model.getNotServingReason()).isEqualTo(ModelState.MODEL_STATE_SERVING);
            if (model.hasEmbedding()) {
                embeds(served.channel(), model);
            } else if (model.getClassifierNamesCount() > 0) {
                classifies(served.channel(), model);
            } else if (model.getCaptionTokens() > 0) {
                captions(served.channel(), model);
            } else {
                if (model.hasLatent() && !model.getLatent().getWithoutEncoder()) {
                    encodesAndDecodes(served.channel(), model);
                }
                if (model.getSteps() > 1 || model.getLatent().getKind().equals("gaussian")) {
                    draws(served.channel(), model); // others have no distribution of latents to draw from
                }
            }
        }
    }

    private Path models() {
        return directory.resolve("models");
    }

    /** Losses of the steps. */
    private List<Double> trainAndExport(String name, int steps) throws IOException {
        Path recipe = directory.resolve(name + ".yaml");
        Files.writeString(recipe, recipe(name, steps));
        String run = directory.resolve(name).toString();
        done("train", recipe.toString(), "--models", models().toString(), "--out", run, "--precision", "fp32");
        assertThat(done("export", run, "--models", models().toString(), "--out", models().toString()).out())
                .contains("tolerated difference");
        return Files.readAllLines(Path.of(run, "loss.csv")).stream()
                .skip(1)
                .map(line -> Double.valueOf(line.split(",")[LOSS]))
                .toList();
    }

    private static double mean(List<Double> losses) {
        return losses.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }

    /** The recipe with a few small steps, each over all images as they are. */
    private static String recipe(String name, int steps) throws IOException {
        try (InputStream in = EveryFamilyIT.class.getResourceAsStream("/recipes/" + name + ".yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replaceAll("steps: \\d+", "steps: " + steps)
                    .replaceAll("warmup: \\d+", "warmup: 0")
                    .replaceAll("batch: \\d+", "batch: " + ALL)
                    .replaceAll("workers: \\d+", "workers: 1")
                    .replaceAll("learningRate: .*", "learningRate: 1.0e-4")
                    .replaceAll("validationImages: \\d+", "validationImages: 0")
                    .replaceAll("flip: true", "flip: false")
                    .replaceAll("shift: \\d+", "shift: 0")
                    .replaceAll("dropout: .*", "dropout: 0")
                    .replaceAll("alignment: \\d+", "alignment: 1")
                    .replaceAll("templates: .*", "templates: [\"{}\"]");
        }
    }

    /** Two images, whose values are all streamed and are those that the digest promises. */
    private static void draws(Channel channel, Model model) throws Exception {
        GenerateRequest.Builder request =
                GenerateRequest.newBuilder().setModel(selector(model)).setSeed(7).setCount(2);
        if (model.getClassNamesCount() > 0) {
            request.setLabel(LABEL);
        }
        if (model.hasPrompt()) {
            request.setPrompt("red circle left of blue square");
        }
        List<GenerateResponse> events = new ArrayList<>();
        GenerationServiceGrpc.newBlockingStub(channel).generate(request.build()).forEachRemaining(events::add);
        assertThat(events.get(0).hasStarted()).isTrue();
        Finished finished = events.get(events.size() - 1).getFinished();
        assertThat(finished.getImagesCount()).isEqualTo(2);
        for (ImageResult image : finished.getImagesList()) {
            ByteArrayOutputStream values = new ByteArrayOutputStream();
            for (GenerateResponse event : events) {
                if (event.hasPixels() && event.getPixels().getImageIndex() == image.getImageIndex()) {
                    assertThat(event.getPixels().getFirstIndex()).isEqualTo(values.size());
                    event.getPixels().getValues().writeTo(values);
                }
            }
            assertThat(values.size()).isEqualTo(values(model));
            assertThat(MessageDigest.getInstance("SHA-256").digest(values.toByteArray()))
                    .isEqualTo(image.getSha256().toByteArray());
            assertThat(image.getLogLikelihoodNats() < 0).isEqualTo(model.getSteps() > 1);
        }
        // How many messages bring the values depends on how fast they are read; codes come before what is made of them.
        assertThat(events.stream().anyMatch(GenerateResponse::hasTokens)).isEqualTo(events.get(0).getStarted().hasCodes());
    }

    private static void encodesAndDecodes(Channel channel, Model model) {
        LatentServiceGrpc.LatentServiceBlockingStub latents = LatentServiceGrpc.newBlockingStub(channel);
        EncodeRequest.Builder encode =
                EncodeRequest.newBuilder().setModel(selector(model)).addImages(black(model));
        DecodeRequest.Builder decode = DecodeRequest.newBuilder().setModel(selector(model));
        if (model.getClassNamesCount() > 0) {
            encode.setLabel(LABEL);
            decode.setLabel(LABEL);
        }
        decode.addAllLatents(latents.encode(encode.build()).getLatentsList());
        assertThat(latents.decode(decode.build()).getImagesList())
                .singleElement()
                .satisfies(image -> assertThat(image.size()).isEqualTo(values(model)));
    }

    private static void classifies(Channel channel, Model model) {
        assertThat(EmbeddingServiceGrpc.newBlockingStub(channel)
                        .classify(ClassifyRequest.newBuilder()
                                .setModel(selector(model))
                                .addImages(EmbedInput.newBuilder().setValues(black(model)))
                                .build())
                        .getClassifications(0)
                        .getClassesList())
                .hasSize(model.getClassifierNamesCount());
    }

    private static void embeds(Channel channel, Model model) {
        assertThat(EmbeddingServiceGrpc.newBlockingStub(channel)
                        .embed(EmbedRequest.newBuilder()
                                .setModel(selector(model))
                                .addInputs(EmbedInput.newBuilder().setValues(black(model)))
                                .addInputs(EmbedInput.newBuilder().setText("red circle left of blue square"))
                                .build())
                        .getEmbeddingsList())
                .hasSize(2)
                .allSatisfy(vector -> {
                    assertThat(vector.getValuesList()).hasSize(model.getEmbedding().getDimensions());
                    assertThat(vector.getValuesList().stream().mapToDouble(value -> value * value).sum())
                            .isBetween(0.999, 1.001);
                });
    }

    /** A caption, whose tokens joined are the text. */
    private static void captions(Channel channel, Model model) {
        List<CaptionResponse> events = new ArrayList<>();
        CaptionServiceGrpc.newBlockingStub(channel)
                .caption(CaptionRequest.newBuilder()
                        .setModel(selector(model))
                        .setValues(black(model))
                        .setSampling(Sampling.newBuilder().setTemperature(1))
                        .setSeed(7)
                        .build())
                .forEachRemaining(events::add);
        assertThat(events.get(0).getStarted().getMaxTokens()).isEqualTo(model.getCaptionTokens());
        CaptionFinished finished = events.get(events.size() - 1).getFinished();
        assertThat(finished.getLogLikelihoodNats()).isNegative();
        assertThat(events.stream().map(event -> event.getToken().getText()).collect(Collectors.joining()))
                .isEqualTo(finished.getText());
    }

    private static ByteString black(Model model) {
        return ByteString.copyFrom(new byte[values(model)]);
    }

    private static int values(Model model) {
        return model.getGeometry().getWidth() * model.getGeometry().getHeight() * model.getGeometry().getChannels();
    }

    private static ModelSelector selector(Model model) {
        return ModelSelector.newBuilder().setName(model.getName()).build();
    }
}
