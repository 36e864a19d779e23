package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Pipeline;
import io.scanline.bundle.v1.Provenance;
import io.scanline.bundle.v1.Stage;
import io.scanline.trainer.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Describes models that were exported before as one that makes pictures of texts: a prior over codes that draws what a text
 * says, and perhaps a model that embeds images and texts, by which what was drawn is ranked.
 *
 * @param name of the pipeline
 * @param version of the pipeline
 * @param prior what draws
 * @param ranker what ranks
 */
public record PipelineExporter(String name, String version, Part prior, Optional<Part> ranker) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");
    private static final String FAMILY = "text-to-image";
    private static final String PROMPT = "request.prompt";
    private static final String TEXT_CONDITION = "text_condition";

    /**
     * A bundle that the pipeline is made of.
     *
     * @param bundle its description
     * @param digest "sha256:" and the digest of its description
     */
    public record Part(Bundle bundle, String digest) {
        /**
         * Reads a bundle and its files.
         *
         * @param directory NAME/VERSION, or NAME for its newest version
         * @throws IOException when there is none, or it is damaged
         */
        public static Part read(Path directory) throws IOException {
            Bundle bundle = StoredBundle.read(directory).bundle();
            Path description = StoredBundle.root(directory).resolve(StoredBundle.DESCRIPTION);
            return new Part(bundle, "sha256:" + Sha256.of(description));
        }

        String model() {
            return bundle.getName() + "/" + bundle.getVersion();
        }

        private boolean has(String role) {
            return bundle.getGraphsList().stream().anyMatch(graph -> graph.getRole().equals(role));
        }

        private Stage.Builder stage(String name, String role) {
            return Stage.newBuilder().setName(name).setModel(model()).setDigest(digest).setRole(role);
        }

        /** Its text is the request's. */
        private Stage.Builder textStage(String name, String role) {
            return stage(name, role).putInputs("tokens", PROMPT).putInputs("lengths", PROMPT);
        }
    }

    /**
     * Writes MODELS/NAME/VERSION, replacing what is there as a whole.
     *
     * @param models directory of models, the parts among them
     * @return the bundle's directory
     * @throws IOException when the parts do not fit together, or are not there
     */
    public Path export(Path models) throws IOException, OrtException, InterruptedException {
        require(NAME.matcher(name).matches(), "the name of a pipeline is 1 to 64 characters of [a-z0-9-], not " + name);
        require(VERSION.matcher(version).matches(), "a version is a decimal number from 1, not " + version);
        check();
        requireBeside(models, prior);
        if (ranker.isPresent()) {
            requireBeside(models, ranker.get());
        }
        Path target = models.resolve(name).resolve(version);
        BundleWriter.replace(target, partial -> describe());
        return target;
    }

    private void check() throws IOException {
        Bundle drawing = prior.bundle();
        require(
                drawing.hasAutoregression() && drawing.hasLatent() && drawing.getConditioning().hasText()
                        && prior.has(TEXT_CONDITION),
                prior.model() + " is of the family " + drawing.getFamily()
                        + ": a pipeline needs a prior over codes that draws what a text says");
        if (ranker.isEmpty()) {
            return;
        }
        Bundle looking = ranker.get().bundle();
        require(
                looking.hasEmbedding() && ranker.get().has(VisionSession.TEXT_ENCODER),
                ranker.get().model() + " is of the family " + looking.getFamily()
                        + ": ranking needs a model that embeds images and texts");
        String drawn = size(drawing.getGeometry());
        String looked = size(looking.getGeometry());
        require(
                drawn.equals(looked),
                prior.model() + " draws images of " + drawn + " values, and " + ranker.get().model() + " embeds those of "
                        + looked);
    }

    private static String size(ImageGeometry geometry) {
        return geometry.getWidth() + " x " + geometry.getHeight() + " x " + geometry.getChannels();
    }

    /** A server looks for the parts beside the pipeline. */
    private static void requireBeside(Path models, Part part) throws IOException {
        Path description = models.resolve(part.model()).resolve(StoredBundle.DESCRIPTION);
        require(
                Files.exists(description) && part.digest().equals("sha256:" + Sha256.of(description)),
                part.model() + " is not in " + models + ": the models of a pipeline lie beside it");
    }

    private Bundle describe() {
        Bundle drawing = prior.bundle();
        Set<Dataset> datasets = new LinkedHashSet<>(drawing.getDatasetsList());
        ranker.ifPresent(part -> datasets.addAll(part.bundle().getDatasetsList()));
        return Bundle.newBuilder()
                .setFormat(1)
                .setName(name)
                .setVersion(version)
                .setFamily(FAMILY)
                .setParameters(drawing.getParameters()
                        + ranker.map(part -> part.bundle().getParameters()).orElse(0L))
                .setGeometry(drawing.getGeometry())
                .addAllDatasets(datasets)
                .setRecommendedTemperature(drawing.getRecommendedTemperature())
                .setProvenance(Provenance.newBuilder().setTool("scanline-trainer"))
                .setPipeline(stages())
                .build();
    }

    private Pipeline stages() {
        Pipeline.Builder pipeline = Pipeline.newBuilder()
                .addStages(prior.textStage("text", TEXT_CONDITION))
                .addStages(prior.stage("prior", StepGraph.ROLE).putInputs("condition", "text.condition"))
                .addStages(prior.stage("decoder", LatentSession.DECODER).putInputs("tokens", "prior.tokens"));
        ranker.ifPresent(part -> pipeline
                .addStages(part.textStage("rank-text", VisionSession.TEXT_ENCODER))
                .addStages(part.stage("rank-image", VisionSession.IMAGE_ENCODER).putInputs("image", "decoder.image")));
        return pipeline.build();
    }

    private static void require(boolean met, String complaint) throws IOException {
        if (!met) {
            throw new IOException(complaint);
        }
    }
}
