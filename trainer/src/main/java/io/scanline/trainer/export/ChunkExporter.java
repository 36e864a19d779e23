package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Metric;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Gives a bundle a graph that makes many steps in one run, in 16-bit floats, beside the steps in fp32 that it is made of. Nothing is
 * trained, and what is there stays as it is.
 *
 * @param stored the bundle; such a graph that it has is made anew
 * @param dataSet name of its data set
 * @param test some test images, as it draws them, that the likelihood is measured on
 */
public record ChunkExporter(StoredBundle stored, String dataSet, Int8Exporter.Shown test) {
    /** Test images that are enough: without kernels for 16-bit floats the graph is slow, and both are measured on the same. */
    public static final int ENOUGH = 100;

    private static final int PARITY_POSITIONS = 100;
    private static final long SEED = 1;

    /** Forgets the variant that the bundle may have. */
    public ChunkExporter {
        stored = stored.without(ChunkGraph.VARIANT);
    }

    /**
     * Writes the bundle anew, in the place of what it was.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param report told in words what was found
     * @param evaluated told how many test images have been evaluated
     * @throws IOException also when it loses too much likelihood; then the bundle stays as it is
     */
    public void addTo(Path directory, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        new VariantWriter(stored, make(report), ChunkGraph.VARIANT).write(directory, (made, figures) -> {
            figures.addAll(new VariantFigures(made, dataSet, test.conditions())
                    .of(List.of(ChunkGraph.VARIANT), test.images(), threads, evaluated));
            for (Metric figure : figures) {
                report.accept(VariantFigures.text(figure));
                if (VariantFigures.losesMuch(figure)) {
                    throw new IOException("the bundle stays as it is: " + VariantFigures.loss(figure));
                }
            }
        });
    }

    /** The bundle with the graph, which was checked. */
    StoredBundle make(Consumer<String> report) throws IOException, OrtException {
        StepGraph graph = ChunkGraph.of(stored);
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(graph.description().getFile(), graph.model().toByteArray());
        StoredBundle made = new StoredBundle(
                stored.bundle().toBuilder().addGraphs(graph.description()).build(), files);
        int positions = Math.min(PARITY_POSITIONS, test.images().valuesPerImage());
        ChunkParity parity = new ChunkParity(
                made.in(StepGraph.PLAIN).drawn(), made.in(ChunkGraph.VARIANT).drawn(), test.conditions());
        report.accept(parity.check(test.images().labels()[0], SEED, positions).text());
        return made;
    }
}
