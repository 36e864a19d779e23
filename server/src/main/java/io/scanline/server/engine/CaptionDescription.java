package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Captioning;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.TextStepShape;
import java.util.List;
import java.util.Set;

/** What a description says of a model that puts images into words: its graphs, and how its sequences are made. */
final class CaptionDescription {
    static final String PREFIX_ROLE = "image_prefix";
    static final String STEP_ROLE = "text_step";
    /** Contract names. */
    static final String IMAGE = "image";

    static final String PREFIX = "prefix";

    private static final int MAX_PREFIX = 4096;
    private static final int MAX_WIDTH = 65536;
    private static final int MAX_VOCABULARY = 65536;

    private CaptionDescription() {}

    /** Whether the model puts images into words. */
    static boolean captions(Bundle bundle) {
        return bundle.hasCaptioning();
    }

    /** Most tokens of a caption: whatever else the context has place for beside the id that begins it. */
    static int tokens(Bundle bundle) {
        return bundle.getTextInput().getContext() - 1;
    }

    /** Checks ranges, as bundle.proto states them. */
    static void check(Bundle bundle) throws EngineException {
        if (!captions(bundle)) {
            return;
        }
        require(
                !bundle.hasAutoregression() && !bundle.hasLatent() && !bundle.hasConditioning()
                        && !LookDescription.looks(bundle),
                "a bundle with captioning has neither autoregression nor latent nor conditioning, and neither "
                        + "embedding nor classifier");
        require(
                bundle.hasPictureInput() && bundle.hasTextInput(),
                "captioning comes with pictureInput and textInput");
        LookDescription.checkPictures(bundle.getPictureInput());
        PromptDescription.checkInput(bundle.getTextInput());
        Captioning captioning = bundle.getCaptioning();
        requireRange("captioning.prefix", captioning.getPrefix(), 1, MAX_PREFIX);
        requireRange("captioning.width", captioning.getWidth(), 1, MAX_WIDTH);
        requireRange("captioning.vocabulary", captioning.getVocabulary(), 2, MAX_VOCABULARY);
        requireRange("captioning.begin", captioning.getBegin(), 0, captioning.getVocabulary() - 1);
        requireRange("captioning.end", captioning.getEnd(), 0, captioning.getVocabulary() - 1);
        require(captioning.getBegin() != captioning.getEnd(), "captioning.begin and captioning.end are the same id");
    }

    /** Checks what the graph that goes on with a text carries from step to step. */
    static void checkStep(Bundle bundle) throws EngineException {
        Graph step = BundleDescription.graph(bundle, STEP_ROLE);
        require(
                step.getState().hasKeyValueCache(),
                "the graph of role \"%s\" has no state.keyValueCache; it is the only state that it may have",
                STEP_ROLE);
        require(
                step.getState().getKeyValueCache().getElement() == Element.ELEMENT_UNSPECIFIED,
                "the keyValueCache of the graph of role \"%s\" names an element; it has float32", STEP_ROLE);
        StateDescription.check(
                step.getState(), bundle.getCaptioning().getPrefix() + bundle.getTextInput().getContext(), Set.of());
        require(
                step.getState().getRecurrentsCount() == 0 && step.getState().getMemoriesCount() == 0,
                "the graph of role \"%s\" has state beside its keyValueCache", STEP_ROLE);
    }

    /** The graphs that it has. */
    static List<String> roles() {
        return List.of(PREFIX_ROLE, STEP_ROLE);
    }

    /** Inputs of the graph from images to vectors. */
    static List<BatchTensor> inputs(Bundle bundle, Graph prefix) throws GraphException {
        ImageGeometry geometry = bundle.getGeometry();
        return List.of(LatentDescription.tensor(
                prefix, IMAGE, false, List.of(geometry.getChannels(), geometry.getHeight(), geometry.getWidth())));
    }

    /** Outputs of the graph from images to vectors. */
    static List<BatchTensor> outputs(Bundle bundle, Graph prefix) throws GraphException {
        Captioning captioning = bundle.getCaptioning();
        return List.of(LatentDescription.tensor(
                prefix, PREFIX, false, List.of(captioning.getPrefix(), captioning.getWidth())));
    }

    /** Sizes of the graph that goes on with a text. */
    static TextStepShape shape(Bundle bundle, Graph step) {
        Captioning captioning = bundle.getCaptioning();
        return new TextStepShape(
                captioning.getPrefix(), captioning.getWidth(), captioning.getVocabulary(),
                StepSizes.of(step.getState().getKeyValueCache()));
    }
}
