package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Pipeline;
import io.scanline.bundle.v1.Stage;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a description says of a pipeline. This server knows one kind: a text becomes an image by the three graphs of a
 * prior over codes that draws what a text says, and images are ranked by the two of a model that embeds images and
 * texts.
 */
final class PipelineDescription {
    static final String TEXT_ENCODER = "text_encoder";
    static final String IMAGE_ENCODER = "image_encoder";

    private static final List<String> DRAWING = List.of(
            PromptDescription.TEXT_CONDITION, BundleDescription.STEP_ROLE, LatentDescription.DECODER);
    private static final List<String> RANKING = List.of(TEXT_ENCODER, IMAGE_ENCODER);
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final String PROMPT = "request.prompt";
    /** What a pipeline says of itself; all else is its models'. */
    private static final Set<String> OWN = Set.of(
            "format", "name", "version", "family", "parameters", "geometry", "metrics", "datasets", "provenance",
            "recommended_temperature", "pipeline");

    private PipelineDescription() {}

    /**
     * A bundle that a pipeline names.
     *
     * @param model as NAME/VERSION
     * @param digest "sha256:" and hexadecimal digits
     */
    record Part(String model, String digest) {
        String name() {
            return model.substring(0, model.indexOf('/'));
        }

        String version() {
            return model.substring(model.indexOf('/') + 1);
        }

        EngineException notThere() {
            return EngineException.of(
                    Reason.BUNDLE_STAGE_MISSING, "there is no " + model + ", which the pipeline is made of");
        }

        EngineException notServing(EngineException why) {
            return EngineException.caused(
                    Reason.BUNDLE_STAGE_MISSING,
                    model + ", which the pipeline is made of, does not serve: " + why.reason(), why);
        }

        EngineException isPipeline() {
            return mismatch(model + ", which the pipeline is made of, is a pipeline itself");
        }
    }

    /** The prior of a checked pipeline. */
    static Part prior(Bundle bundle) {
        return part(bundle.getPipeline().getStages(0));
    }

    /** The model that ranks in a checked pipeline, if one does. */
    static Optional<Part> ranker(Bundle bundle) {
        Pipeline pipeline = bundle.getPipeline();
        return pipeline.getStagesCount() == DRAWING.size()
                ? Optional.empty() : Optional.of(part(pipeline.getStages(DRAWING.size())));
    }

    private static Part part(Stage stage) {
        return new Part(stage.getModel(), stage.getDigest());
    }

    /** Checks all but what is checked of every bundle (name, version, geometry), without looking at other bundles. */
    static void check(Bundle bundle) throws EngineException {
        for (FieldDescriptor field : bundle.getAllFields().keySet()) {
            require(
                    OWN.contains(field.getName()),
                    "a bundle with a pipeline has no %s: that is said by the bundles of its stages",
                    field.getJsonName());
        }
        List<Stage> stages = bundle.getPipeline().getStagesList();
        requireRange("the length of pipeline.stages", stages.size(), 2, 16);
        List<String> roles = stages.stream().map(Stage::getRole).toList();
        boolean ranks = roles.size() > DRAWING.size();
        require(
                roles.equals(DRAWING) || ranks && roles.subList(0, 3).equals(DRAWING)
                        && roles.subList(3, roles.size()).equals(RANKING),
                "the roles of the stages are %s; this server knows %s, and %s after them", roles, DRAWING, RANKING);
        Set<String> names = new HashSet<>();
        for (Stage stage : stages) {
            checkStage(stage, names);
        }
        requireOne(stages.subList(0, DRAWING.size()));
        requireOne(stages.subList(DRAWING.size(), stages.size()));
        checkInputs(stages);
    }

    private static void checkStage(Stage stage, Set<String> names) throws EngineException {
        require(
                BundleDescription.NAME.matcher(stage.getName()).matches(),
                "the name of a stage must be 1 to 64 characters of [a-z0-9-]");
        require(names.add(stage.getName()), "there are two stages of the name \"%s\"", stage.getName());
        String[] model = stage.getModel().split("/", -1);
        require(
                model.length == 2 && BundleDescription.NAME.matcher(model[0]).matches()
                        && BundleDescription.VERSION.matcher(model[1]).matches(),
                "the model of stage %s must be NAME/VERSION", stage.getName());
        require(
                DIGEST.matcher(stage.getDigest()).matches(),
                "the digest of stage %s must be \"sha256:\" and 64 lower-case hexadecimal digits", stage.getName());
    }

    private static void requireOne(List<Stage> stages) throws EngineException {
        for (Stage stage : stages) {
            Stage first = stages.get(0);
            require(
                    part(stage).equals(part(first)),
                    "the stages %s and %s must be of one bundle", first.getName(), stage.getName());
        }
    }

    private static void checkInputs(List<Stage> stages) throws EngineException {
        Map<String, String> text = Map.of("tokens", PROMPT, "lengths", PROMPT);
        requireInputs(stages.get(0), text);
        requireInputs(stages.get(1), Map.of("condition", stages.get(0).getName() + ".condition"));
        requireInputs(stages.get(2), Map.of("tokens", stages.get(1).getName() + ".tokens"));
        if (stages.size() > DRAWING.size()) {
            requireInputs(stages.get(3), text);
            requireInputs(stages.get(4), Map.of("image", stages.get(2).getName() + ".image"));
        }
    }

    private static void requireInputs(Stage stage, Map<String, String> inputs) throws EngineException {
        require(
                stage.getInputsMap().equals(inputs),
                "the inputs of stage %s, a %s, must be %s", stage.getName(), stage.getRole(), sorted(inputs));
    }

    private static String sorted(Map<String, String> inputs) {
        return new TreeMap<>(inputs).toString();
    }

    /**
     * Checks that a bundle is the one that a pipeline names.
     *
     * @throws EngineException BUNDLE_STAGE_MISMATCH
     */
    static void checkDigest(Part part, String digest) throws EngineException {
        if (!part.digest().equals(digest)) {
            throw mismatch(part.model() + " is another bundle than the pipeline was made of: it has " + digest
                    + ", the pipeline names " + part.digest());
        }
    }

    /**
     * Checks that the models can do what the stages ask of them.
     *
     * @throws EngineException BUNDLE_STAGE_MISMATCH
     */
    static void checkFit(Bundle pipeline, Bundle prior, Optional<Bundle> ranker) throws EngineException {
        if (prior.hasPipeline()) {
            throw prior(pipeline).isPipeline();
        }
        String name = prior(pipeline).model();
        if (!LatentDescription.prior(prior) || !PromptDescription.reads(prior)) {
            throw mismatch(name + " is no prior over codes that draws what a text says");
        }
        if (!prior.getGeometry().equals(pipeline.getGeometry())) {
            throw mismatch("the pipeline's geometry is not that of " + name);
        }
        if (ranker.isEmpty()) {
            return;
        }
        name = ranker(pipeline).orElseThrow().model();
        if (!LookDescription.takesText(ranker.get())) {
            throw mismatch(name + " does not embed both images and texts");
        }
        if (!size(ranker.get().getGeometry()).equals(size(prior.getGeometry()))) {
            throw mismatch(name + " embeds images of " + size(ranker.get().getGeometry())
                    + " values; those of the prior have " + size(prior.getGeometry()));
        }
    }

    private static String size(ImageGeometry geometry) {
        return geometry.getWidth() + " x " + geometry.getHeight() + " x " + geometry.getChannels();
    }

    private static EngineException mismatch(String message) {
        return EngineException.of(Reason.BUNDLE_STAGE_MISMATCH, message);
    }

    /** What is served: what its prior does, under the pipeline's name, with what the pipeline says of itself. */
    static Bundle served(Bundle pipeline, Bundle prior, Optional<Bundle> ranker) {
        Bundle.Builder served = prior.toBuilder()
                .clearMetrics()
                .clearDatasets()
                .clearProvenance()
                .setParameters(prior.getParameters() + ranker.map(Bundle::getParameters).orElse(0L));
        return served.mergeFrom(pipeline).build();
    }
}
