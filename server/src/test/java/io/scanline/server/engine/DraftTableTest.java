package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Offset;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Drafts that are not what bundle.proto says are refused in words; good ones are distributions. */
class DraftTableTest {
    private static final String FILE = "draft.gz";

    @TempDir
    private Path repository;

    @Test
    void entriesOfEveryContextAddUpToOne() throws Exception {
        DraftTable draft = DraftTable.read(TinyBundle.verified(TinyBundle.RING));
        byte[] values = new byte[TinyEngine.steps(TinyBundle.RING)];
        for (int index = 0; index < values.length; index++) {
            values[index] = (byte) (index % draft.levels());
            double sum = 0;
            for (float logit : draft.logits(values, index)) {
                sum += Math.exp(logit);
            }
            assertThat(sum / 65535).isBetween(0.999, 1.001);
        }
    }

    static Stream<Consumer<Bundle.Builder>> badDescriptions() {
        return Stream.of(
                bundle -> bundle.getDraftBuilder().clearNeighbours(),
                bundle -> bundle.getDraftBuilder().setNeighbours(0, Offset.newBuilder().setColumns(1)),
                bundle -> {
                    for (int i = 0; i < 15; i++) {
                        bundle.getDraftBuilder().addNeighbours(Offset.newBuilder().setColumns(-1));
                    }
                },
                bundle -> bundle.getDraftBuilder().setFile("elsewhere.gz"));
    }

    @ParameterizedTest
    @MethodSource("badDescriptions")
    void badDescriptionsAreRefused(Consumer<Bundle.Builder> change) throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.RING, repository, "bad");
        TinyBundle.edit(bundle, change);
        refused(bundle);
    }

    @Test
    void filesThatAreNoTableAreRefused() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.RING, repository, "bad");
        Files.write(bundle.resolve(FILE), new byte[] {1, 2, 3});
        TinyBundle.relist(bundle, FILE);
        refused(bundle);
        ByteArrayOutputStream tooMuch = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(tooMuch)) {
            packing.write(new byte[1 << 22]);
        }
        Files.write(bundle.resolve(FILE), tooMuch.toByteArray());
        TinyBundle.relist(bundle, FILE);
        refused(bundle);
    }

    private void refused(Path bundle) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 1, 1, 1, 1, 256L << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.BUNDLE_DESCRIPTION_INVALID));
    }
}
