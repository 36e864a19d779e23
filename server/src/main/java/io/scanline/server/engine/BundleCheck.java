package io.scanline.server.engine;

import java.nio.file.Path;

/**
 * Examines one bundle as the engine would at load, without serving it: files, description, graph and golden samples.
 */
public final class BundleCheck {
    private BundleCheck() {}

    /**
     * Examines a bundle and frees it again.
     *
     * @param directory the bundle's directory, NAME/VERSION
     * @param config limits and threads; its repository is not read
     * @return the model as it would be served
     * @throws EngineException BUNDLE_* with the first fault found
     */
    public static ModelInfo check(Path directory, EngineConfig config) throws EngineException {
        VerifiedBundle verified = BundleReader.read(directory, config.maxBundleBytes());
        if (verified.bundle().hasAutoregression()) {
            LoadedModel.load(verified, config.threads()).close();
        }
        if (verified.bundle().hasLatent()) {
            LoadedLatentModel.load(verified, config.threads()).close();
        }
        if (LookDescription.looks(verified.bundle())) {
            LoadedLookModel.load(verified, config.threads()).close();
        }
        return ModelInfo.serving(verified.bundle(), verified.digest(), config.slots());
    }
}
