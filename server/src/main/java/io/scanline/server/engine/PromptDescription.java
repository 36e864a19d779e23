package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.TextCondition;
import io.scanline.bundle.v1.TextInput;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.GraphException;
import java.util.List;

/** What a description says of a model that draws what a text says, and of the graph that reads the text. */
final class PromptDescription {
    static final String TEXT_CONDITION = "text_condition";

    private static final int MAX_WIDTH = 65536;
    private static final float MAX_GUIDANCE = 20;
    private static final int MAX_CONTEXT = 4096;

    private PromptDescription() {}

    /** Whether the model draws what a text says. */
    static boolean reads(Bundle bundle) {
        return bundle.getConditioning().hasText();
    }

    /** Guidance of requests that say none. */
    static float recommendedGuidance(Bundle bundle) {
        float recommended = bundle.getConditioning().getText().getRecommendedGuidance();
        return recommended == 0 ? 1 : recommended;
    }

    /** Checks ranges, as bundle.proto states them; of a model that draws no texts that it says nothing of this. */
    static void check(Bundle bundle) throws EngineException {
        boolean graph = BundleDescription.findGraph(bundle, TEXT_CONDITION).isPresent();
        if (!reads(bundle)) {
            require(!graph, "there is a graph of role \"text_condition\", but no conditioning.text");
            return;
        }
        require(
                bundle.getConditioning().getClassNamesCount() == 0,
                "there are both conditioning.text and conditioning.classNames; a model is conditioned on one of them");
        TextCondition text = bundle.getConditioning().getText();
        requireRange("conditioning.text.width", text.getWidth(), 1, MAX_WIDTH);
        require(
                text.getRecommendedGuidance() >= 0 && text.getRecommendedGuidance() <= MAX_GUIDANCE,
                "conditioning.text.recommendedGuidance is %s; it must be 0 to 20", text.getRecommendedGuidance());
        require(
                bundle.hasAutoregression(),
                "there is conditioning.text, but no autoregression whose steps could be shown it");
        require(
                bundle.hasTextInput() && graph,
                "conditioning.text comes with textInput and a graph of role \"text_condition\"");
        checkInput(bundle.getTextInput());
        require(
                BundleDescription.findGraph(bundle, BundleDescription.STEP_ROLE)
                        .filter(step -> step.getState().hasKeyValueCache())
                        .isPresent(),
                "conditioning.text comes only with a graph of role \"step\" that has a keyValueCache");
        require(
                BundleDescription.findGraph(bundle, BundleDescription.ROW_ROLE).isEmpty(),
                "there is a graph of role \"row\", which is shown no text, beside conditioning.text");
        require(!bundle.hasDraft(), "there is a draft, which knows of no text, beside conditioning.text");
    }

    /** Checks how texts become ids. */
    static void checkInput(TextInput input) throws EngineException {
        requireRange("textInput.context", input.getContext(), 2, MAX_CONTEXT);
        requireRange("textInput.padding", input.getPadding(), 0, Integer.MAX_VALUE);
    }

    /** Inputs of a graph that takes texts. */
    static List<BatchTensor> inputs(Bundle bundle, Graph graph) throws GraphException {
        return List.of(
                LatentDescription.tensor(graph, "tokens", true, List.of(bundle.getTextInput().getContext())),
                LatentDescription.tensor(graph, "lengths", true, List.of()));
    }

    /** Outputs of the graph that reads the text. */
    static List<BatchTensor> outputs(Bundle bundle, Graph graph) throws GraphException {
        return List.of(LatentDescription.tensor(
                graph, "condition", false, List.of(bundle.getConditioning().getText().getWidth())));
    }
}
