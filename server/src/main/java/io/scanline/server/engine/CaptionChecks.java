package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import java.util.concurrent.ThreadLocalRandom;

/** Checks requests against one model that puts images into words. Fields are named as in scanline.v1. */
final class CaptionChecks {
    private final LookConfig config;
    private final ValueGrid image;
    private final int mostTokens;

    CaptionChecks(Bundle bundle, LookConfig config) {
        this.config = config;
        this.image = ValueGrid.image(bundle);
        this.mostTokens = CaptionDescription.tokens(bundle);
    }

    CheckedCaption check(CaptionRequest request) throws EngineException {
        checkImage(request.image());
        RequestChecks.checkSampling(request.sampling());
        int tokens = request.maxTokens();
        if (tokens < 0 || tokens > mostTokens) {
            throw EngineException.field(
                    Reason.TOKENS_OUT_OF_RANGE,
                    "max_tokens",
                    "max_tokens is " + Integer.toUnsignedString(tokens) + "; it must be 0, for as many as the model's "
                            + "context holds, or 1 to " + mostTokens);
        }
        RequestChecks.deadline(request.deadlineNanos());
        long seed = request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
        return new CheckedCaption(
                request.sampling(), seed, tokens == 0 ? mostTokens : tokens, request.deadlineNanos(),
                request.precedence());
    }

    private void checkImage(EmbedInput input) throws EngineException {
        if (input instanceof EmbedInput.Values values) {
            RequestChecks.image("values", values.values(), image);
        } else if (input instanceof EmbedInput.Picture picture) {
            LookChecks.pictureBytes("picture", picture, config.maxPictureBytes());
        } else {
            throw EngineException.field(Reason.TEXT_NOT_SUPPORTED, "image", "only images are put into words");
        }
    }
}
