package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a bundle is refused, and that the others serve all the same. */
@Timeout(60)
class BundleRefusalTest {
    @TempDir
    private Path repository;

    private EngineConfig config() {
        return new EngineConfig(repository, 2, 4, 2, 1, 256L << 20);
    }

    private void assertRefused(Path bundle, Reason reason) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).isNotBlank().doesNotContain(repository.toString());
                });
    }

    private void assertRefusedAfter(Consumer<Bundle.Builder> change, Reason reason) throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, reason);
    }

    static Stream<String> listedFiles() {
        return TinyBundle.listed().stream();
    }

    @Test
    void soundBundlePasses() throws Exception {
        ModelInfo info = BundleCheck.check(TinyBundle.copy(repository, "good"), config());
        assertThat(info.serving()).isTrue();
        assertThat(info.name()).isEqualTo("good");
        assertThat(info.digest()).matches("sha256:[0-9a-f]{64}");
    }

    @ParameterizedTest
    @MethodSource("listedFiles")
    void truncatedFileIsRefused(String path) throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        byte[] bytes = Files.readAllBytes(bundle.resolve(path));
        Files.write(bundle.resolve(path), Arrays.copyOf(bytes, bytes.length - 1));
        assertRefused(bundle, Reason.BUNDLE_FILE_SIZE_MISMATCH);
    }

    @ParameterizedTest
    @MethodSource("listedFiles")
    void flippedBitInAnyListedFileIsRefused(String path) throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        byte[] bytes = Files.readAllBytes(bundle.resolve(path));
        for (int region = 0; region < 8; region++) {
            int at = region * (bytes.length - 1) / 7;
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << region);
            Files.write(bundle.resolve(path), flipped);
            assertRefused(bundle, Reason.BUNDLE_FILE_CORRUPT);
        }
    }

    @ParameterizedTest
    @MethodSource("listedFiles")
    void missingFileIsRefused(String path) throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        Files.delete(bundle.resolve(path));
        assertRefused(bundle, Reason.BUNDLE_FILE_MISSING);
    }

    @Test
    void missingDescriptionIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        Files.delete(bundle.resolve("bundle.json"));
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_MISSING);
    }

    @Test
    void descriptionCutAnywhereIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String json = Files.readString(bundle.resolve("bundle.json"));
        for (int length = 0; length < json.stripTrailing().length(); length += 97) {
            Files.writeString(bundle.resolve("bundle.json"), json.substring(0, length));
            assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID);
        }
    }

    @Test
    void flippedBitInTheDescriptionNeverDoesMoreThanRefuse() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        byte[] json = Files.readAllBytes(bundle.resolve("bundle.json"));
        int refused = 0;
        int tries = 0;
        for (int at = 0; at < json.length; at += 41) {
            byte[] flipped = json.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            Files.write(bundle.resolve("bundle.json"), flipped);
            tries++;
            try {
                BundleReader.read(bundle, 256L << 20);
            } catch (EngineException refusal) {
                assertThat(refusal.reason().name()).startsWith("BUNDLE_");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(tries / 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../outside.bin", "a/../../outside.bin", "/etc/hostname", "a\\b", "C:x", "a//b", "./a", ""})
    void pathThatCouldLeaveTheBundleIsRefused(String path) throws IOException {
        Files.write(repository.resolve("outside.bin"), new byte[8]);
        assertRefusedAfter(bundle -> bundle.getFilesBuilder(0).setPath(path), Reason.BUNDLE_PATH_ESCAPES);
    }

    @Test
    void linkInsteadOfAFileIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        Path file = bundle.resolve(TinyBundle.listed().get(0));
        Path elsewhere = repository.resolve("elsewhere");
        Files.move(file, elsewhere);
        Files.createSymbolicLink(file, elsewhere);
        assertRefused(bundle, Reason.BUNDLE_PATH_ESCAPES);
    }

    @Test
    void linkInsteadOfADirectoryIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        Path outside = Files.createDirectory(repository.resolve("outside"));
        Files.write(outside.resolve("x"), new byte[1]);
        Files.createSymbolicLink(bundle.resolve("inside"), outside);
        assertThatThrownBy(() -> new BundleFiles(bundle)
                        .read(File.newBuilder().setPath("inside/x").setBytes(1).build()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_PATH_ESCAPES));
    }

    @Test
    void bundleAboveTheLimitIsRefusedByItsListBeforeItIsRead() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, description -> description.getFilesBuilder(0).setBytes(1L << 40));
        assertRefused(bundle, Reason.BUNDLE_TOO_LARGE);
        TinyBundle.edit(bundle, description -> description.getFilesBuilder(0).setBytes(-1));
        assertRefused(bundle, Reason.BUNDLE_TOO_LARGE);
        long descriptionBytes = Files.size(bundle.resolve("bundle.json"));
        assertThatThrownBy(() -> BundleReader.read(bundle, descriptionBytes - 1))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_TOO_LARGE));
    }

    @ParameterizedTest
    @CsvSource({
        "ORDER_RASTER, ORDER_SPIRAL",
        "\"format\": 1, \"format\": 2",
        "\"format\", \"fromat\"",
        "\"role\": \"step\", \"role\": \"leap\""
    })
    void descriptionThatThisServerDoesNotKnowIsRefused(String from, String to) throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String json = Files.readString(bundle.resolve("bundle.json"));
        assertThat(json).contains(from);
        Files.writeString(bundle.resolve("bundle.json"), json.replace(from, to));
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID);
    }

    @Test
    void descriptionThatContradictsItselfIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String sound = Files.readString(bundle.resolve("bundle.json"));
        Stream<Consumer<Bundle.Builder>> changes = Stream.of(
                b -> b.setVersion("2"),
                b -> b.setName("other"),
                b -> b.getGeometryBuilder().setWidth(0),
                b -> b.getGeometryBuilder().setWidth(-1),
                b -> b.getGeometryBuilder().setChannels(2),
                b -> b.getGeometryBuilder().setLevels(257),
                b -> b.getGeometryBuilder().setLevels(b.getGeometry().getLevels() - 1),
                b -> b.getAutoregressionBuilder().setSteps(1),
                b -> b.getAutoregressionBuilder().getContextBuilder(0).setRows(0).setColumns(0),
                b -> b.getAutoregressionBuilder().getContextBuilder(0).setRows(1),
                b -> b.getAutoregressionBuilder().getContextBuilder(0).setRows(-65),
                b -> b.getAutoregressionBuilder().clearContext(),
                b -> b.clearGraphs(),
                b -> b.addGraphs(b.getGraphs(0)),
                b -> b.getGraphsBuilder(0).setFile("not-listed.onnx"),
                b -> b.getGraphsBuilder(0).getStateBuilder().getKeyValueCacheBuilder().setPositions(1),
                b -> b.getGraphsBuilder(0).getStateBuilder().getKeyValueCacheBuilder().setLayers(0),
                b -> b.clearGoldenSamples(),
                b -> b.getGoldenSamplesBuilder(0).setSteps(b.getGoldenSamples(0).getSteps() - 1),
                b -> b.getGoldenSamplesBuilder(0).setTemperature(Float.NaN),
                b -> b.getGoldenSamplesBuilder(0).setLabel(70000),
                b -> b.getGoldenSamplesBuilder(0).setAtol(-1),
                b -> b.addFiles(b.getFiles(0)),
                b -> b.getFilesBuilder(0).setSha256("00"),
                b -> b.setRecommendedTemperature(11));
        changes.forEach(change -> {
            try {
                Files.writeString(bundle.resolve("bundle.json"), sound);
                TinyBundle.edit(bundle, change);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID);
        });
    }

    @Test
    void fileThatIsNoGraphIsRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String onnx = TinyBundle.verified().stepGraph().getFile();
        Files.write(bundle.resolve(onnx), new byte[] {1, 2, 3});
        TinyBundle.relist(bundle, onnx);
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID);
    }

    @Test
    void tensorThatTheGraphDoesNotHaveIsRefused() throws IOException {
        assertRefusedAfter(b -> b.getGraphsBuilder(0).putTensors("logits", "nowhere"), Reason.BUNDLE_GRAPH_INVALID);
    }

    @Test
    void tensorThatIsNotNamedIsRefused() throws IOException {
        assertRefusedAfter(b -> b.getGraphsBuilder(0).removeTensors("seqlens"), Reason.BUNDLE_GRAPH_INVALID);
    }

    @Test
    void stateThatIsNotDescribedIsRefused() throws IOException {
        assertRefusedAfter(b -> b.getGraphsBuilder(0).clearState(), Reason.BUNDLE_GRAPH_INVALID);
    }

    @Test
    void headsThatTheGraphDoesNotHaveAreRefused() throws IOException {
        assertRefusedAfter(
                b -> {
                    var cache = b.getGraphsBuilder(0).getStateBuilder().getKeyValueCacheBuilder();
                    cache.setHeads(cache.getHeads() + 1);
                },
                Reason.BUNDLE_GRAPH_INVALID);
    }

    @Test
    void otherGoldenLogitsAreRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String logits = TinyBundle.verified().bundle().getGoldenSamples(0).getLogits();
        byte[] bytes = Files.readAllBytes(bundle.resolve(logits));
        bytes[bytes.length - 1] ^= 0x40; // a high bit of an exponent: wrong on every CPU kind
        Files.write(bundle.resolve(logits), bytes);
        TinyBundle.relist(bundle, logits);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH);
    }

    @Test
    void otherGoldenValuesAreRefused() throws IOException {
        Path bundle = TinyBundle.copy(repository, "bad");
        String pixels = TinyBundle.verified().bundle().getGoldenSamples(0).getPixels();
        byte[] bytes = Files.readAllBytes(bundle.resolve(pixels));
        bytes[0] = (byte) (bytes[0] == 0 ? 1 : 0);
        Files.write(bundle.resolve(pixels), bytes);
        TinyBundle.relist(bundle, pixels);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH);
    }

    @Test
    void goldenSampleOfAnotherCpuKindIsHeldToItsTolerance() throws Exception {
        Path bundle = TinyBundle.copy(repository, "bad");
        TinyBundle.edit(bundle, b -> b.getGoldenSamplesBuilderList()
                .forEach(sample -> sample.setCpuKind("AnotherKind-1-2-3").setAtol(1e-3).setRtol(1e-3)));
        assertThat(BundleCheck.check(bundle, config()).serving()).isTrue();
        String logits = TinyBundle.verified().bundle().getGoldenSamples(0).getLogits();
        byte[] bytes = Files.readAllBytes(bundle.resolve(logits));
        bytes[3] ^= 0x40;
        Files.write(bundle.resolve(logits), bytes);
        TinyBundle.relist(bundle, logits);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH);
    }

    @Test
    void othersServeBesideBundlesThatDoNot() throws Exception {
        TinyBundle.copy(repository, "good");
        Files.delete(TinyBundle.copy(repository, "bad").resolve("bundle.json"));
        Path corrupt = TinyBundle.copy(repository, "corrupt");
        byte[] onnx = Files.readAllBytes(corrupt.resolve(TinyBundle.listed().get(0)));
        onnx[0] ^= 1;
        Files.write(corrupt.resolve(TinyBundle.listed().get(0)), onnx);
        Files.createDirectories(repository.resolve("good").resolve("2.partial"));
        Files.createDirectories(repository.resolve("Not A Model").resolve("1"));
        try (DecodingEngine engine = DecodingEngine.open(config(), new SimpleMeterRegistry())) {
            assertThat(engine.models()).extracting(ModelInfo::name).containsExactly("bad", "corrupt", "good");
            assertThat(engine.models()).extracting(ModelInfo::serving).containsExactly(false, false, true);
            assertThat(engine.model("bad", "").failure().orElseThrow().reason())
                    .isEqualTo(Reason.BUNDLE_DESCRIPTION_MISSING);
            assertThat(engine.model("corrupt", "1").failure().orElseThrow().reason())
                    .isEqualTo(Reason.BUNDLE_FILE_CORRUPT);
            assertThatThrownBy(() -> engine.generate(request("corrupt"), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.MODEL_NOT_SERVING));
            Generation generation = engine.generate(request("good"), () -> {});
            Await.end(generation);
            assertThat(generation.failure()).isEmpty();
        }
    }

    private static GenerationRequest request(String model) {
        boolean classes = TinyBundle.verified().bundle().hasConditioning();
        return new GenerationRequest(
                model,
                "",
                classes ? new ClassSelector(OptionalInt.of(0), "") : ClassSelector.NONE,
                OptionalLong.of(1),
                1,
                SamplingOptions.NEUTRAL,
                new byte[0],
                Long.MAX_VALUE);
    }
}
