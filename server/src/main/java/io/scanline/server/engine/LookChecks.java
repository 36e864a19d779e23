package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.Lookup.Ask;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.ArrayList;
import java.util.List;

/** Checks requests against one model that looks at images and texts. Fields are named as in scanline.v1. */
final class LookChecks {
    private final LookConfig config;
    private final ValueGrid image;
    private final boolean embeds;
    private final boolean takesText;

    LookChecks(Bundle bundle, LookConfig config) {
        this.config = config;
        this.image = ValueGrid.image(bundle);
        this.embeds = bundle.hasEmbedding();
        this.takesText = LookDescription.takesText(bundle);
    }

    List<Ask> check(EmbedRequest request) throws EngineException {
        List<Ask> asks = new ArrayList<>();
        embed("inputs", request.inputs(), config.maxInputs(), asks);
        RequestChecks.deadline(request.deadlineNanos());
        return asks;
    }

    /** The query first, and then the candidates. */
    List<Ask> check(RankRequest request) throws EngineException {
        List<Ask> asks = new ArrayList<>();
        requireEmbedding();
        asks.add(ask("query", request.query()));
        embed("candidates", request.candidates(), config.maxCandidates(), asks);
        RequestChecks.deadline(request.deadlineNanos());
        return asks;
    }

    /** The images; of the names only that there are not too many, and that they can be looked up. */
    List<Ask> check(ClassifyRequest request, boolean ownClasses) throws EngineException {
        count("images", request.images().size(), config.maxInputs());
        boolean byNames = !request.classNames().isEmpty();
        if (!byNames && !ownClasses) {
            throw EngineException.of(
                    Reason.CLASSIFY_NOT_SUPPORTED, "the model has no classes of its own; give class_names");
        }
        if (byNames) {
            requireText("class_names");
            count("class_names", request.classNames().size(), config.maxCandidates());
        } else if (!request.templates().isEmpty()) {
            throw EngineException.field(
                    Reason.FIELD_NOT_SUPPORTED, "templates", "templates make texts of class_names; there are none");
        }
        if (request.templates().size() > LookConfig.MAX_TEMPLATES) {
            throw EngineException.field(
                    Reason.COUNT_OUT_OF_RANGE, "templates",
                    "there are " + request.templates().size() + " templates; one request may have "
                            + LookConfig.MAX_TEMPLATES);
        }
        List<Ask> asks = new ArrayList<>();
        for (int i = 0; i < request.images().size(); i++) {
            String field = "images[" + i + "]";
            Ask ask = ask(field, request.images().get(i));
            if (ask.stage() == Stage.EMBED_TEXT) {
                throw EngineException.field(
                        Reason.FIELD_NOT_SUPPORTED, field + ".text", "only images are classified");
            }
            asks.add(byNames ? ask : new Ask(Stage.CLASSIFY, ask.input(), ask.field()));
        }
        RequestChecks.deadline(request.deadlineNanos());
        return asks;
    }

    /** The texts of class names: for every name one of every template. */
    List<Ask> texts(List<String> names, List<String> templates) throws EngineException {
        List<Ask> asks = new ArrayList<>();
        for (int t = 0; t < templates.size(); t++) {
            if (!templates.get(t).contains(LookDescription.PLACE)) {
                throw EngineException.field(
                        Reason.TEMPLATE_INVALID, "templates[" + t + "]",
                        "templates[" + t + "] has no {} for the name of a class");
            }
        }
        for (int i = 0; i < names.size(); i++) {
            for (String template : templates) {
                String text = template.replace(LookDescription.PLACE, names.get(i));
                asks.add(ask("class_names[" + i + "]", new EmbedInput.Text(text), ""));
            }
        }
        return asks;
    }

    private void embed(String field, List<EmbedInput> inputs, int most, List<Ask> asks) throws EngineException {
        requireEmbedding();
        count(field, inputs.size(), most);
        for (int i = 0; i < inputs.size(); i++) {
            asks.add(ask(field + "[" + i + "]", inputs.get(i)));
        }
    }

    private Ask ask(String field, EmbedInput input) throws EngineException {
        if (input instanceof EmbedInput.Text) {
            return ask(field, input, ".text");
        }
        return ask(field, input, input instanceof EmbedInput.Picture ? ".picture" : ".values");
    }

    private Ask ask(String parent, EmbedInput input, String kind) throws EngineException {
        String field = parent + kind;
        if (input instanceof EmbedInput.Text text) {
            requireText(field);
            return new Ask(Stage.EMBED_TEXT, text(field, text.text()), field);
        }
        if (input instanceof EmbedInput.Picture picture) {
            pictureBytes(field, picture, config.maxPictureBytes());
        }
        if (input instanceof EmbedInput.Values values) {
            RequestChecks.image(field, values.values(), image);
        }
        return new Ask(Stage.EMBED_IMAGE, input, field);
    }

    /** Checks how many bytes a picture file has. */
    static void pictureBytes(String field, EmbedInput.Picture picture, int most) throws EngineException {
        if (picture.file().length > most) {
            throw EngineException.field(
                    Reason.PICTURE_TOO_LARGE, field,
                    field + " has " + picture.file().length + " bytes; the most are " + most);
        }
    }

    /** Checks how long a text is. */
    EmbedInput.Text text(String field, String text) throws EngineException {
        int characters = text.codePointCount(0, text.length());
        if (characters > config.maxTextCharacters()) {
            throw EngineException.field(
                    Reason.TEXT_TOO_LONG, field,
                    field + " has " + characters + " characters; the most are " + config.maxTextCharacters());
        }
        return new EmbedInput.Text(text);
    }

    private void requireEmbedding() throws EngineException {
        if (!embeds) {
            throw EngineException.of(Reason.EMBEDDING_NOT_SUPPORTED, "the model only tells its classes apart");
        }
    }

    private void requireText(String field) throws EngineException {
        if (!takesText) {
            throw EngineException.field(Reason.TEXT_NOT_SUPPORTED, field, "the model takes no texts");
        }
    }

    private static void count(String field, int count, int most) throws EngineException {
        if (count == 0) {
            throw EngineException.field(Reason.FIELD_REQUIRED, field, field + " is empty");
        }
        if (count > most) {
            throw EngineException.field(
                    Reason.COUNT_OUT_OF_RANGE, field,
                    "there are " + count + " " + field + "; one request may have " + most);
        }
    }
}
