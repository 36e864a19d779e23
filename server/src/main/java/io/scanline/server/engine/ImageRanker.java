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
        return model.nanos(1, images);
    }

    /**
     * Begins to rank: the prompt is embedded now, and images as they come. Of an empty prompt, which asks for nothing in
     * particular, nothing is to be like it: its images are not ranked.
     *
     * @throws EngineException PROMPT_TOO_LONG, QUEUE_FULL
     */
    Ranking begin(String prompt, int images) throws EngineException {
        if (prompt.isBlank()) {
            return Ranking.none(images);
        }
        try {
            model.checkText(prompt);
        } catch (EngineException refused) {
            throw EngineException.field(
                    Reason.PROMPT_TOO_LONG, "prompt", "the model that ranks refuses it: " + refused.getMessage());
        }
        model.promise(1 + images);
        return Ranking.of(this, prompt, images);
    }

    CompletableFuture<float[]> text(String prompt, StageClock clock) {
        return model.answer(Stage.EMBED_TEXT, new EmbedInput.Text(prompt), clock);
    }

    /** @param values an image in the levels of the model that made it */
    CompletableFuture<float[]> image(byte[] values, StageClock clock) {
        return model.answer(Stage.EMBED_IMAGE, new EmbedInput.Values(levels.map(values)), clock);
    }

    /** So many images will not come. */
    void forgo(int images) {
        model.forgo(images);
    }
}
