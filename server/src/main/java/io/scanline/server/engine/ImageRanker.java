package io.scanline.server.engine;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.concurrent.CompletableFuture;

/** The part of a pipeline that ranks: a model that embeds images and texts, shown the images of another model. */
final class ImageRanker {
    private final ServedLookModel model;
    private final LevelMap levels;

    /** @param images shape and levels of the images that are ranked */
    ImageRanker(ServedLookModel model, ImageGeometry images) {
        this.model = model;
        this.levels = new LevelMap(images, model.bundle());
    }

    /** Time that ranking takes at most once the last image is complete, with nobody else there. */
    long nanos(int images) {
        LookAdmission admission = model.admission();
        return admission.nanos(Stage.EMBED_TEXT, 1) + admission.nanos(Stage.EMBED_IMAGE, images);
    }

    /**
     * Keeps room for a request. An empty prompt asks for nothing in particular, so that there is nothing to be like: its
     * images are not ranked.
     *
     * @throws EngineException PROMPT_TOO_LONG, QUEUE_FULL
     */
    Ranking admit(String prompt, int images) throws EngineException {
        if (prompt.isBlank()) {
            return Ranking.none(images);
        }
        try {
            model.checkText(prompt);
        } catch (EngineException refused) {
            throw EngineException.field(
                    Reason.PROMPT_TOO_LONG, "prompt", "the model that ranks refuses it: " + refused.getMessage());
        }
        model.admission().promise(1 + images);
        return new Ranking(this, prompt, images);
    }

    CompletableFuture<float[]> text(String prompt, StageClock clock) {
        return model.answer(Stage.EMBED_TEXT, new EmbedInput.Text(prompt), clock);
    }

    /** @param values an image in the levels of the model that made it */
    CompletableFuture<float[]> image(byte[] values, StageClock clock) {
        return model.answer(Stage.EMBED_IMAGE, new EmbedInput.Values(levels.map(values)), clock);
    }

    /** So many inputs will not come. */
    void forgo(int inputs) {
        model.admission().forgo(inputs);
    }
}
