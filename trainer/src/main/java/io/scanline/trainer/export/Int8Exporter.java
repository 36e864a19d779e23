package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Gives a bundle steps in 8-bit integers beside those in fp32, made of these. Nothing is trained, and what is there stays as it is.
 *
 * @param stored the bundle; steps in 8-bit integers that it has are made anew
 * @param dataSet name of its data set
 * @param training some training images, as it draws them, that bytes are scaled by
 * @param test some test images likewise, that the likelihood is measured on
 */
public record Int8Exporter(StoredBundle stored, String dataSet, Shown training, Shown test) {
    /** Training images that are enough to scale bytes by. */
    public static final int ENOUGH = 64;

    /** More than a window of local attention. */
    private static final int PARITY_POSITIONS = 80;

    /**
     * Images as a bundle draws them.
     *
     * @param conditions what the steps are shown of the images of every label
     */
    public record Shown(ImageSet images, Conditions conditions) {
        /** Of a bundle that is shown nothing but a class. */
        public static Shown plainly(ImageSet images) {
            return new Shown(images, Conditions.NONE);
        }

        /** Of one that draws what a text says: every image with its caption. */
        public static Shown of(StoredBundle stored, CaptionedImages captions, ImageSet images)
                throws IOException, OrtException {
            TestTexts captioned = TestTexts.of(captions, images);
            try (PromptReader reader = new PromptReader(stored)) {
                return new Shown(captioned.images(), reader.conditions(captioned.texts()));
            }
        }
    }

    /** Forgets the variant that the bundle may have. */
    public Int8Exporter {
        stored = stored.without(Int8Graph.VARIANT);
    }

    /** Whether there are such steps of a bundle: when its steps have a KV cache. */
    public static boolean possible(StoredBundle stored) {
        return stored.graph(StepGraph.ROLE).filter(step -> step.getState().hasKeyValueCache()).isPresent();
    }

    /**
     * Writes the bundle anew, in the place of what it was.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param report told in words what was found
     * @param evaluated told how many test images have been evaluated
     */
    public void addTo(Path directory, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        new VariantWriter(stored, make(report), Int8Graph.VARIANT).write(directory, (made, figures) -> {
            figures.addAll(new VariantFigures(made, dataSet, test.conditions()).of(test.images(), threads, evaluated));
            figures.forEach(figure -> report(figure, report));
        });
    }

    /** The bundle with the graph, which was checked. */
    StoredBundle make(Consumer<String> report) throws IOException, OrtException {
        Graph step = stored.required(StepGraph.ROLE);
        byte[] even = EvenChannels.of(stored.onnx(step), measure(stored.onnx(step)).cache());
        StepGraph graph = Int8Graph.of(step, even, measure(even));
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(graph.description().getFile(), graph.model().toByteArray());
        StoredBundle made = new StoredBundle(
                stored.bundle().toBuilder().addGraphs(graph.description()).build(), files);
        check(made.in(Int8Graph.VARIANT).drawn(), report);
        return made;
    }

    private Int8Scales measure(byte[] onnx) throws IOException, OrtException {
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(stored.required(StepGraph.ROLE).getFile(), onnx);
        StoredBundle drawn = new StoredBundle(stored.bundle(), files).drawn();
        return Int8Scales.measure(drawn, training.conditions(), training.images());
    }

    private void check(StoredBundle made, Consumer<String> report) throws IOException, OrtException {
        ImageSet images = training.images();
        int positions = Math.min(PARITY_POSITIONS, images.valuesPerImage());
        try (Int8Parity parity = new Int8Parity(made, training.conditions(), positions)) {
            double share = parity.largest(images.image(0), images.labels()[0]);
            String found = String.format(
                    Locale.ROOT, "share of the tolerated difference from double precision: steps in int8 %.3f", share);
            if (!(share <= 1)) { // also when it is not a number
                throw new IllegalStateException("the steps in int8 do not compute what they are meant to; " + found);
            }
            report.accept(found);
        }
    }

    private static void report(Metric figure, Consumer<String> report) {
        report.accept(VariantFigures.text(figure));
        if (VariantFigures.losesMuch(figure)) {
            report.accept("warning: " + VariantFigures.loss(figure));
        }
    }
}
