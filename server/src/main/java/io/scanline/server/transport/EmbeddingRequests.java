package io.scanline.server.transport;

import io.scanline.server.engine.ClassifyRequest;
import io.scanline.server.engine.EmbedInput;
import io.scanline.server.engine.EmbedRequest;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.RankRequest;
import io.scanline.server.engine.Reason;
import io.scanline.v1.ModelSelector;
import java.util.ArrayList;
import java.util.List;

/** Reads messages of the EmbeddingService into requests of the engine. Ranges are the engine's to check. */
final class EmbeddingRequests {
    private EmbeddingRequests() {}

    /** @throws EngineException FIELD_REQUIRED */
    static EmbedRequest embed(io.scanline.v1.EmbedRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        return new EmbedRequest(
                model.getName(), model.getVersion(), inputs("inputs", request.getInputsList()),
                Requests.deadlineNanos());
    }

    /** @throws EngineException FIELD_REQUIRED */
    static RankRequest rank(io.scanline.v1.RankRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        return new RankRequest(
                model.getName(), model.getVersion(), input("query", request.getQuery()),
                inputs("candidates", request.getCandidatesList()), Requests.deadlineNanos());
    }

    /** @throws EngineException FIELD_REQUIRED */
    static ClassifyRequest classify(io.scanline.v1.ClassifyRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        return new ClassifyRequest(
                model.getName(), model.getVersion(), inputs("images", request.getImagesList()),
                List.copyOf(request.getClassNamesList()), List.copyOf(request.getTemplatesList()), request.getTop(),
                Requests.deadlineNanos());
    }

    private static List<EmbedInput> inputs(String field, List<io.scanline.v1.EmbedInput> messages)
            throws EngineException {
        List<EmbedInput> inputs = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            inputs.add(input(field + "[" + i + "]", messages.get(i)));
        }
        return inputs;
    }

    /** @throws EngineException FIELD_REQUIRED */
    static EmbedInput input(String field, io.scanline.v1.EmbedInput message) throws EngineException {
        return switch (message.getInputCase()) {
            case PICTURE -> new EmbedInput.Picture(message.getPicture().toByteArray());
            case VALUES -> new EmbedInput.Values(message.getValues().toByteArray());
            case TEXT -> new EmbedInput.Text(message.getText());
            case INPUT_NOT_SET -> throw EngineException.field(
                    Reason.FIELD_REQUIRED, field, field + " is empty: a picture, values or a text");
        };
    }
}
