package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.PipelineDescription.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

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
        if (verified.bundle().hasPipeline()) {
            return pipeline(directory, verified, config);
        }
        if (verified.bundle().hasAutoregression()) {
            List<String> all = VariantDescription.decoding(verified.bundle());
            LoadedVariants.load(verified, all, config.compute(), config.chunk()).close();
        }
        if (verified.bundle().hasLatent()) {
            LoadedLatentModel.load(verified, config.compute()).close();
        }
        if (LookDescription.looks(verified.bundle())) {
            LoadedLookModel.load(verified, config.compute()).close();
        }
        if (CaptionDescription.captions(verified.bundle())) {
            LoadedCaptioner.load(verified, config.compute()).close();
        }
        return ModelInfo.serving(verified.bundle(), verified.digest(), config.slots());
    }

    /** The models that a pipeline names must be beside it in its repository, and good themselves. */
    private static ModelInfo pipeline(Path directory, VerifiedBundle verified, EngineConfig config)
            throws EngineException {
        Bundle bundle = verified.bundle();
        Path repository = directory.toAbsolutePath().normalize().getParent().getParent();
        ModelInfo prior = part(PipelineDescription.prior(bundle), repository, config);
        Optional<Part> ranking = PipelineDescription.ranker(bundle);
        Optional<Bundle> ranker =
                ranking.isPresent() ? part(ranking.get(), repository, config).bundle() : Optional.empty();
        PipelineDescription.checkFit(bundle, prior.bundle().orElseThrow(), ranker);
        return ModelInfo.serving(
                        PipelineDescription.served(bundle, prior.bundle().orElseThrow(), ranker), verified.digest(),
                        config.slots())
                .preferring(prior.precisions());
    }

    private static ModelInfo part(Part part, Path repository, EngineConfig config) throws EngineException {
        Path directory = repository.resolve(part.name()).resolve(part.version());
        if (!Files.isDirectory(directory)) {
            throw part.notThere();
        }
        ModelInfo info;
        try {
            // Another one may be a pipeline that names this one: it is not followed.
            VerifiedBundle verified = BundleReader.read(directory, config.maxBundleBytes());
            PipelineDescription.checkDigest(part, verified.digest());
            if (verified.bundle().hasPipeline()) {
                throw part.isPipeline();
            }
            info = check(directory, config);
        } catch (EngineException fault) {
            throw fault.reason() == Reason.BUNDLE_STAGE_MISMATCH ? fault : part.notServing(fault);
        }
        return info;
    }
}
