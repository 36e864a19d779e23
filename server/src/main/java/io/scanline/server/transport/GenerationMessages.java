package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Standing;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.ImageResult;
import io.scanline.v1.PromptRead;
import io.scanline.v1.StageTime;
import io.scanline.v1.Started;
import io.scanline.v1.Waiting;

/** Writes the first and the last message of a generation. */
final class GenerationMessages {
    private GenerationMessages() {}

    static GenerateResponse started(Generation generation, Bundle bundle) {
        Started.Builder started = Started.newBuilder()
                .setGenerationId(generation.id())
                .setModel(ModelMessages.selector(generation.model()))
                .setBundleDigest(generation.model().digest())
                .setSeed(generation.seed())
                .setGeometry(ModelMessages.geometry(bundle))
                .setOrder(ModelMessages.order(bundle))
                .setSteps(generation.model().steps())
                .setImages(generation.images().size())
                .setQueuePosition(generation.queuePosition())
                .setEtaMs(uint32(generation.etaMillis()))
                .setPrecision(generation.precision());
        generation.model().codes().ifPresent(codes -> started.setCodes(ModelMessages.codes(codes)));
        generation.prompt().ifPresent(prompt -> started.setPrompt(PromptRead.newBuilder()
                .setIds(prompt.ids().length)
                .setUnknown(prompt.unknown())
                .setGuidance(prompt.guidance())));
        return GenerateResponse.newBuilder().setStarted(started).build();
    }

    static GenerateResponse waiting(Standing standing) {
        return GenerateResponse.newBuilder()
                .setWaiting(Waiting.newBuilder()
                        .setQueuePosition(standing.queuePosition())
                        .setEtaMs(uint32(standing.etaMillis())))
                .build();
    }

    private static int uint32(long millis) {
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    /** To be called when every image has its result. */
    static GenerateResponse finished(Generation generation) {
        Finished.Builder finished = Finished.newBuilder();
        generation.images().forEach(image -> finished.addImages(result(image, generation.model())));
        generation.stages().forEach(stage -> finished.addStages(StageTime.newBuilder()
                .setStage(stage.stage())
                .setRuns(stage.runs())
                .setBusyUs(stage.busyMicros())));
        return GenerateResponse.newBuilder().setFinished(finished).build();
    }

    private static FinishReason reason(io.scanline.server.engine.FinishReason reason) {
        return switch (reason) {
            case COMPLETE -> FinishReason.FINISH_REASON_COMPLETE;
            case CANCELLED -> FinishReason.FINISH_REASON_CANCELLED;
            case ABANDONED -> FinishReason.FINISH_REASON_ABANDONED;
        };
    }

    private static ImageResult result(ImageProgress image, ModelInfo model) {
        io.scanline.server.engine.ImageResult result = image.result().orElseThrow();
        ImageResult.Builder message = ImageResult.newBuilder()
                .setImageIndex(image.index())
                .setSha256(ByteString.copyFrom(result.sha256()))
                .setLogLikelihoodNats(result.logLikelihoodNats())
                .setBitsPerDim(result.bitsPerDim())
                .setFinishReason(reason(result.finishReason()))
                .setQueueUs(result.queueMicros())
                .setFirstPixelUs(result.firstPixelMicros())
                .setTotalUs(result.totalMicros())
                .setLikelihoodKind(ModelMessages.kind(model.drawn()));
        image.rank().ifPresent(rank -> message.setRank(rank.place()).setPromptLikeness(rank.promptLikeness()));
        return message.build();
    }
}
