package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.EmbeddingSpace;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.PictureFit;
import io.scanline.bundle.v1.PictureInput;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a description says of a model that looks at images and texts: its graphs, vectors and classes. */
final class LookDescription {
    /** Where the name of a class stands in a template. */
    static final String PLACE = "{}";

    private static final int MAX_DIMENSIONS = 65536;
    private static final int MAX_TEMPLATES = 256;
    private static final int MAX_CLASSES = 65536;

    private LookDescription() {}

    /** Whether the model looks at images and makes none. */
    static boolean looks(Bundle bundle) {
        return bundle.hasEmbedding() || bundle.hasClassifier();
    }

    /** Whether it embeds texts too. */
    static boolean takesText(Bundle bundle) {
        return bundle.hasEmbedding() && BundleDescription.findGraph(bundle, Stage.EMBED_TEXT.role()).isPresent();
    }

    /** The graphs that it has. */
    static List<Stage> stages(Bundle bundle) {
        List<Stage> stages = new ArrayList<>();
        if (bundle.hasEmbedding()) {
            stages.add(Stage.EMBED_IMAGE);
        }
        if (takesText(bundle)) {
            stages.add(Stage.EMBED_TEXT);
        }
        if (bundle.hasClassifier()) {
            stages.add(Stage.CLASSIFY);
        }
        return stages;
    }

    /** Checks ranges, as bundle.proto states them; of another model that it says nothing of this. */
    static void check(Bundle bundle) throws EngineException {
        if (!looks(bundle)) {
            require(
                    CaptionDescription.captions(bundle)
                            || !bundle.hasPictureInput()
                                    && (!bundle.hasTextInput() || PromptDescription.reads(bundle)),
                    "there is pictureInput or textInput, but neither embedding nor classifier nor captioning, nor "
                            + "conditioning.text");
            return;
        }
        require(
                !bundle.hasAutoregression() && !bundle.hasLatent() && !bundle.hasConditioning(),
                "a bundle with embedding or classifier has neither autoregression nor latent nor conditioning");
        checkPictures(bundle.getPictureInput());
        if (bundle.hasEmbedding()) {
            checkEmbedding(bundle.getEmbedding(), takesText(bundle));
        }
        require(
                takesText(bundle) == bundle.hasTextInput(),
                "textInput and a graph of role \"text_encoder\" come together, beside an embedding");
        if (bundle.hasTextInput()) {
            PromptDescription.checkInput(bundle.getTextInput());
        }
        if (bundle.hasClassifier()) {
            checkClasses(bundle.getClassifier().getClassNamesList());
        }
    }

    /** Checks how pictures become images. */
    static void checkPictures(PictureInput picture) throws EngineException {
        require(
                picture.getFit() != PictureFit.PICTURE_FIT_UNSPECIFIED && picture.getFit() != PictureFit.UNRECOGNIZED,
                "pictureInput.fit must be PICTURE_FIT_CONTAIN, PICTURE_FIT_COVER or PICTURE_FIT_STRETCH");
        requireRange("pictureInput.background", picture.getBackground(), 0, 255);
    }

    private static void checkEmbedding(EmbeddingSpace embedding, boolean texts) throws EngineException {
        requireRange("embedding.dimensions", embedding.getDimensions(), 1, MAX_DIMENSIONS);
        require(
                texts ? embedding.getScale() > 0 && Float.isFinite(embedding.getScale()) : embedding.getScale() == 0,
                "embedding.scale is %s; it must be above 0 with texts, and 0 without", embedding.getScale());
        require(Float.isFinite(embedding.getBias()), "embedding.bias is not finite");
        require(
                texts || embedding.getPromptTemplatesCount() == 0,
                "there are embedding.promptTemplates, but no graph of role \"text_encoder\"");
        requireRange("the length of embedding.promptTemplates", embedding.getPromptTemplatesCount(), 0, MAX_TEMPLATES);
        for (String template : embedding.getPromptTemplatesList()) {
            require(template.contains(PLACE), "the template \"%s\" has no {} for the name", template);
        }
    }

    private static void checkClasses(List<String> names) throws EngineException {
        requireRange("the length of classifier.classNames", names.size(), 2, MAX_CLASSES);
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            require(!name.isEmpty(), "a name of classifier.classNames is empty");
            require(
                    seen.add(name.toLowerCase(Locale.ROOT)),
                    "the name \"%s\" is in classifier.classNames twice", name);
        }
    }

    /** Inputs of a graph. */
    static List<BatchTensor> inputs(Bundle bundle, Stage stage) throws GraphException {
        Graph graph = BundleDescription.graph(bundle, stage.role());
        if (stage == Stage.EMBED_TEXT) {
            List<Integer> ids = List.of(bundle.getTextInput().getContext());
            List<BatchTensor> inputs = new ArrayList<>(List.of(LatentDescription.tensor(graph, "tokens", true, ids)));
            if (graph.containsTensors("lengths")) {
                inputs.add(LatentDescription.tensor(graph, "lengths", true, List.of()));
            }
            if (graph.containsTensors("mask")) {
                inputs.add(LatentDescription.tensor(graph, "mask", true, ids));
            }
            return inputs;
        }
        ImageGeometry geometry = bundle.getGeometry();
        return List.of(LatentDescription.tensor(
                graph, "image", false,
                List.of(geometry.getChannels(), geometry.getHeight(), geometry.getWidth())));
    }

    /** Outputs of a graph. */
    static List<BatchTensor> outputs(Bundle bundle, Stage stage) throws GraphException {
        int numbers = stage == Stage.CLASSIFY
                ? bundle.getClassifier().getClassNamesCount() : bundle.getEmbedding().getDimensions();
        return List.of(LatentDescription.tensor(
                BundleDescription.graph(bundle, stage.role()), output(stage), false, List.of(numbers)));
    }

    /** Contract name of what a graph answers. */
    static String output(Stage stage) {
        return stage == Stage.CLASSIFY ? "logits" : "embedding";
    }
}
