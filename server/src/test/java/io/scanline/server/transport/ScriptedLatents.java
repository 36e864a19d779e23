package io.scanline.server.transport;

import io.scanline.server.engine.DecodeRequest;
import io.scanline.server.engine.EncodeRequest;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Interpolation;
import io.scanline.server.engine.InterpolationRequest;
import io.scanline.server.engine.Latent;
import io.scanline.server.engine.LatentEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** A latent space whose answers stay out until they are given, and whose frames are always there and large. */
final class ScriptedLatents implements LatentEngine {
    static final int FRAME_BYTES = 1 << 15;

    final CompletableFuture<List<Latent>> encoded = new CompletableFuture<>();
    final AtomicInteger taken = new AtomicInteger();
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    private final ModelInfo model;
    private volatile EngineException failure;
    private volatile ProgressListener listener;

    ScriptedLatents(ModelInfo model) {
        this.model = model;
    }

    /** Ends the interpolation early. */
    void fail(EngineException why) {
        failure = why;
        listener.progressed();
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) {
        return encoded;
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) {
        return CompletableFuture.failedFuture(new IllegalStateException("secret"));
    }

    @Override
    public Interpolation interpolate(InterpolationRequest request, ProgressListener told) {
        listener = told;
        return new Interpolation() {
            @Override
            public ModelInfo model() {
                return model;
            }

            @Override
            public Optional<Frame> poll() {
                return delivered()
                        ? Optional.empty()
                        : Optional.of(new Frame(taken.getAndIncrement(), 0, new byte[FRAME_BYTES]));
            }

            @Override
            public boolean delivered() {
                return taken.get() == request.frames();
            }

            @Override
            public Optional<EngineException> failure() {
                return Optional.ofNullable(failure);
            }

            @Override
            public void cancel() {
                cancelled.complete(null);
            }
        };
    }
}
