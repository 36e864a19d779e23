package io.scanline.server.engine;

/** What the transport may ask of models that put images into words. Safe for use by any thread. */
public interface CaptionEngine {
    /**
     * Checks and admits a request; its caption is then written in the background. Returns at once.
     *
     * @param listener told of progress from now on, perhaps before this returns
     * @throws EngineException when it is refused; CAPTION_NOT_SUPPORTED by models that cannot do it
     */
    Caption caption(CaptionRequest request, ProgressListener listener) throws EngineException;
}
