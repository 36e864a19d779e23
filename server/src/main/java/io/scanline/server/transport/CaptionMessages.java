package io.scanline.server.transport;

import io.scanline.server.engine.Caption;
import io.scanline.server.engine.CaptionRequest;
import io.scanline.server.engine.EmbedInput;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Precedence;
import io.scanline.server.engine.Priority;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.SamplingOptions;
import io.scanline.v1.CaptionEnd;
import io.scanline.v1.CaptionFinished;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionStarted;
import io.scanline.v1.CaptionToken;
import io.scanline.v1.ModelSelector;
import java.util.OptionalLong;

/** Reads the requests of the CaptionService and writes its events. Ranges are the engine's to check. */
final class CaptionMessages {
    private CaptionMessages() {}

    /** @throws EngineException FIELD_REQUIRED */
    static CaptionRequest request(io.scanline.v1.CaptionRequest request) throws EngineException {
        ModelSelector model = Requests.required(request.getModel());
        EmbedInput image = switch (request.getImageCase()) {
            case PICTURE -> new EmbedInput.Picture(request.getPicture().toByteArray());
            case VALUES -> new EmbedInput.Values(request.getValues().toByteArray());
            case IMAGE_NOT_SET -> throw EngineException.field(
                    Reason.FIELD_REQUIRED, "image", "there is neither a picture nor values");
        };
        SamplingOptions given = Requests.sampling(request.getSampling());
        return new CaptionRequest(
                model.getName(), model.getVersion(), image,
                request.getSampling().hasTemperature()
                        ? given : new SamplingOptions(0, given.topK(), given.topP()), // the likeliest
                request.hasSeed() ? OptionalLong.of(request.getSeed()) : OptionalLong.empty(),
                request.getMaxTokens(), Requests.deadlineNanos(),
                new Precedence(ClientName.current(), Priority.NORMAL));
    }

    static CaptionResponse started(Caption caption, int queuePosition) {
        return CaptionResponse.newBuilder()
                .setStarted(CaptionStarted.newBuilder()
                        .setModel(ModelMessages.selector(caption.model()))
                        .setBundleDigest(caption.model().digest())
                        .setSeed(caption.seed())
                        .setMaxTokens(caption.maxTokens())
                        .setQueuePosition(queuePosition))
                .build();
    }

    static CaptionResponse token(Caption.Token token, int index) {
        return CaptionResponse.newBuilder()
                .setToken(CaptionToken.newBuilder()
                        .setIndex(index)
                        .setId(token.id())
                        .setText(token.text())
                        .setLogProbability(token.logProbability()))
                .build();
    }

    static CaptionResponse finished(Caption.Result result) {
        return CaptionResponse.newBuilder()
                .setFinished(CaptionFinished.newBuilder()
                        .setText(result.text())
                        .setLogLikelihoodNats(result.logLikelihoodNats())
                        .setEnd(result.ended() ? CaptionEnd.CAPTION_END_COMPLETE : CaptionEnd.CAPTION_END_LENGTH)
                        .setFirstTokenUs(result.firstTokenMicros())
                        .setTotalUs(result.totalMicros()))
                .build();
    }
}
