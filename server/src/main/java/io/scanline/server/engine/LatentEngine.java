package io.scanline.server.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the transport may ask of models with a latent space. Safe for use by any thread; no call waits for a model.
 * Models without one refuse with LATENT_NOT_SUPPORTED.
 */
public interface LatentEngine {
    /**
     * Encodes images in the background.
     *
     * @return completes with the latents in order, or exceptionally with an {@link EngineException}; cancelling it
     *     drops the work that has not started
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException;

    /**
     * Decodes latents in the background.
     *
     * @return completes with all values of every image in order, or exceptionally with an {@link EngineException};
     *     cancelling it drops the work that has not started
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException;

    /**
     * Checks and admits an interpolation; its frames are then decoded in the background, a few ahead of the reader.
     *
     * @param listener told of new frames and of an early end from now on, perhaps before this returns
     * @throws EngineException when it is refused
     */
    Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException;
}
