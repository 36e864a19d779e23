package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.PictureException;
import io.scanline.contract.PictureReader;
import io.scanline.contract.PictureTransform;
import io.scanline.contract.TextTokenizer;
import java.util.Optional;

/** Makes of an input what a graph is shown. Safe for use by any thread. */
final class LookPreparation {
    private final PictureReader reader;
    private final PictureTransform transform;
    private final Optional<TextTokenizer> tokenizer;

    LookPreparation(Bundle bundle, PictureReader reader, Optional<TextTokenizer> tokenizer) {
        this.reader = reader;
        this.transform = new PictureTransform(bundle.getGeometry(), bundle.getPictureInput());
        this.tokenizer = tokenizer;
    }

    /**
     * Decodes and shrinks a picture, or finds the tokens of a text.
     *
     * @throws EngineException PICTURE_FORMAT_UNKNOWN, PICTURE_TOO_LARGE, PICTURE_UNREADABLE, TEXT_TOO_LONG,
     *     FIELD_REQUIRED
     */
    Shown shown(EmbedInput input) throws EngineException {
        if (input instanceof EmbedInput.Text text) {
            return tokens(text.text());
        }
        if (input instanceof EmbedInput.Values values) {
            return new Shown.Image(values.values());
        }
        try {
            return new Shown.Image(transform.image(reader.read(((EmbedInput.Picture) input).file())));
        } catch (PictureException refused) {
            Reason reason = switch (refused.fault()) {
                case FORMAT -> Reason.PICTURE_FORMAT_UNKNOWN;
                case TOO_LARGE -> Reason.PICTURE_TOO_LARGE;
                case UNREADABLE -> Reason.PICTURE_UNREADABLE;
            };
            throw EngineException.caused(reason, "the picture is refused: " + refused.getMessage(), refused);
        }
    }

    private Shown tokens(String text) throws EngineException {
        int[] ids;
        try {
            ids = tokenizer.orElseThrow().ids(text);
        } catch (TextTokenizer.TooLong tooLong) {
            throw EngineException.caused(Reason.TEXT_TOO_LONG, tooLong.getMessage(), tooLong);
        }
        if (ids.length == 0) {
            throw EngineException.of(Reason.FIELD_REQUIRED, "the text has no token that the model knows");
        }
        return new Shown.Tokens(ids);
    }
}
