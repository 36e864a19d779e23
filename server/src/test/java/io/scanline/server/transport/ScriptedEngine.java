package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Order;
import io.scanline.server.engine.CaptionEngine;
import io.scanline.server.engine.EmbeddingEngine;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ImageScore;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.ScoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An engine whose every value is decided on command, with one model that serves and one that is corrupt. */
final class ScriptedEngine implements ImageEngine {
    static final String SERVING = "scripted";
    static final String CORRUPT = "corrupt";

    private final ModelInfo serving;
    private final ModelInfo corrupt = new ModelInfo(CORRUPT, "1", Optional.empty(), "",
            Optional.of(EngineException.of(Reason.BUNDLE_FILE_CORRUPT, "step.onnx does not have its digest.")), 0);
    private final BlockingQueue<ScriptedGeneration> admitted = new LinkedBlockingQueue<>();
    private volatile Consumer<ScriptedGeneration> script = generation -> {};
    private volatile EngineException refusal;
    private volatile boolean broken;
    private volatile boolean draining;
    private final ScriptedLatents latents;

    ScriptedEngine(int width, int height) {
        Bundle bundle = Bundle.newBuilder()
                .setName(SERVING)
                .setVersion("1")
                .setFamily("scripted")
                .setGeometry(ImageGeometry.newBuilder()
                        .setWidth(width).setHeight(height).setChannels(1).setLevels(4)
                        .setLevelValues(ByteString.copyFrom(new byte[] {0, 85, (byte) 170, (byte) 255})))
                .setAutoregression(Autoregression.newBuilder().setOrder(Order.ORDER_RASTER).setSteps(width * height))
                .build();
        serving = new ModelInfo(SERVING, "1", Optional.of(bundle), "sha256:" + "0".repeat(64), Optional.empty(), 16);
        latents = new ScriptedLatents(serving);
    }

    /** What happens to every generation as soon as it is admitted. */
    void script(Consumer<ScriptedGeneration> next) {
        script = next;
    }

    /** Every request is refused with this from now on; null: none. */
    void refuseWith(EngineException reason) {
        refusal = reason;
    }

    /** Every request fails with a fault of ours from now on. */
    void breakDown(boolean now) {
        broken = now;
    }

    /** The next generation that was admitted. */
    ScriptedGeneration next() throws InterruptedException {
        ScriptedGeneration generation = admitted.poll(10, TimeUnit.SECONDS);
        if (generation == null) {
            throw new AssertionError("no request was admitted");
        }
        return generation;
    }

    @Override
    public List<ModelInfo> models() {
        return List.of(corrupt, serving);
    }

    @Override
    public ModelInfo model(String name, String version) throws EngineException {
        return models().stream()
                .filter(model -> model.name().equals(name) && (version.isEmpty() || model.version().equals(version)))
                .findFirst()
                .orElseThrow(() -> EngineException.field(Reason.MODEL_NOT_FOUND, "model.name", "No such model."));
    }

    @Override
    public ScriptedGeneration generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        accept(request.model(), request.version());
        ScriptedGeneration generation = new ScriptedGeneration(serving, request, listener);
        script.accept(generation);
        admitted.add(generation);
        return generation;
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        accept(request.model(), request.version());
        return CompletableFuture.completedFuture(request.images().stream()
                .map(image -> new ImageScore(-image.length, 1.5, new float[] {-1, -2}))
                .toList());
    }

    private void accept(String model, String version) throws EngineException {
        if (broken) {
            throw new IllegalStateException("secret detail of /some/path");
        }
        if (refusal != null) {
            throw refusal;
        }
        if (draining) {
            throw EngineException.of(Reason.SHUTTING_DOWN, "The server is shutting down.");
        }
        if (!model(model, version).serving()) {
            throw EngineException.field(Reason.MODEL_NOT_SERVING, "model.name", "The model does not serve.");
        }
    }

    @Override
    public EmbeddingEngine embeddings() {
        throw new UnsupportedOperationException("only real models are asked to look at images");
    }

    @Override
    public CaptionEngine captions() {
        throw new UnsupportedOperationException("only real models are asked for captions");
    }

    @Override
    public ScriptedLatents latents() {
        return latents;
    }

    @Override
    public boolean drain(Duration atMost) {
        draining = true;
        return true;
    }

    @Override
    public void close() {}
}
