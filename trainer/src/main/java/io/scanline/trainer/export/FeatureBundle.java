package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.Sha256;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.OnnxParameters;
import io.scanline.trainer.training.FeatureDistance;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bundle of a classifier or of a CLIP, of our own training, whose features a VQ-GAN compares images by or a captioner
 * begins with. Its network is built from its recipe, and its parameters are read from its graph.
 *
 * @param name NAME/VERSION
 * @param stored the bundle
 * @param digest SHA-256 of its description, which covers all of its files; 64 hexadecimal digits
 */
public record FeatureBundle(String name, StoredBundle stored, String digest) {
    /**
     * Reads the bundle that a recipe names, if it names one.
     *
     * @param models directory of models
     * @throws IOException when it is not there, or is not the one that the recipe is for
     */
    public static Optional<FeatureBundle> of(Recipe recipe, Path models) throws IOException {
        Optional<ModelConfig.Needed> needed = recipe.model().needs();
        if (needed.isEmpty()) {
            return Optional.empty();
        }
        String bundle = needed.get().bundle();
        Path directory = models.resolve(bundle);
        Path description = directory.resolve(StoredBundle.DESCRIPTION);
        if (!Files.exists(description)) {
            throw new NoSuchFileException(
                    description.toString(),
                    null,
                    "the recipe " + recipe.name() + " goes by the features of " + bundle
                            + ": train and export it first, or name its directory of models with --models");
        }
        String digest = Sha256.of(description);
        String pinned = needed.get().digest();
        require(
                pinned == null || pinned.equals(digest),
                bundle + " is not the one that the recipe goes by: the SHA-256 of its bundle.json is " + digest + ", not "
                        + pinned);
        return Optional.of(new FeatureBundle(bundle, StoredBundle.read(directory), digest));
    }

    private boolean isPinned(Recipe.Source source) {
        return digest.equals(source.recipe().model().needs().orElseThrow().digest());
    }

    /** The same recipe for this bundle alone, by its digest. */
    public Recipe.Source pin(Recipe.Source source) throws IOException {
        if (isPinned(source)) {
            return source;
        }
        Matcher line = Pattern.compile("(?m)^([ \\t]+)bundle:[ \\t]*\"?" + Pattern.quote(name) + "\"?[ \\t]*(#.*)?$")
                .matcher(source.text().replaceAll("(?m)^[ \\t]+digest:.*\\R", ""));
        Recipe.Source pinned = Recipe.parse(line.replaceFirst("$0\n$1digest: " + digest));
        require(isPinned(pinned), "a recipe needs \"bundle: NAME/VERSION\" as a line of its own");
        return pinned;
    }

    /**
     * The distance of images by its features.
     *
     * @param images that are compared
     * @throws IOException when it looks at other images, or was not made by this trainer; the message says why
     */
    public FeatureDistance distance(ImageShape images) throws IOException {
        ImageNetwork network = network(images);
        return of(() -> FeatureDistance.of(encoder(network), parameters(network)));
    }

    /**
     * The parameters of its image encoder.
     *
     * @param images that are looked at
     * @param encoder as it is to be, which has its parameters' names
     * @throws IOException when it looks at other images, is of another size, or was not made by this trainer
     */
    public Parameters encoder(ImageShape images, PatchEncoder encoder) throws IOException {
        ImageNetwork network = network(images);
        encoder(network);
        return of(() -> Parameters.of(encoder.parameters(), parameters(network)));
    }

    /** What makes something of its parameters. */
    private interface Maker<T> {
        T make() throws IOException;
    }

    private <T> T of(Maker<T> maker) throws IOException {
        try {
            return maker.make();
        } catch (IllegalArgumentException unlike) {
            throw new IOException(name + " is not what the recipe says: " + unlike.getMessage(), unlike);
        }
    }

    private ImageNetwork network(ImageShape images) throws IOException {
        Bundle bundle = stored.bundle();
        ImageGeometry seen = bundle.getGeometry();
        require(
                seen.getWidth() == images.width()
                        && seen.getHeight() == images.height()
                        && seen.getChannels() == images.channels(),
                name + " looks at images of " + seen.getWidth() + " x " + seen.getHeight() + " x " + seen.getChannels()
                        + ", and these are of " + images.width() + " x " + images.height() + " x " + images.channels());
        ImageShape shape = new ImageShape(
                seen.getWidth(),
                seen.getHeight(),
                seen.getChannels(),
                seen.getLevels(),
                bundle.getClassifier().getClassNamesCount());
        return Recipe.parse(bundle.getProvenance().getRecipe()).recipe().model().network(shape);
    }

    private PatchEncoder encoder(ImageNetwork network) throws IOException {
        if (network instanceof VisionTransformer classifier) {
            return classifier.encoder();
        }
        if (network instanceof Clip clip) {
            return clip.images();
        }
        throw new IOException(name + " is of the family " + stored.bundle().getFamily()
                + ": only those of a vit or a clip are such features");
    }

    private Map<String, OnnxOps.Values> parameters(ImageNetwork network) throws IOException {
        String role = network instanceof Clip ? VisionSession.IMAGE_ENCODER : VisionSession.CLASSIFIER;
        return OnnxParameters.read(stored.onnx(stored.required(role)));
    }

    private static void require(boolean met, String complaint) throws IOException {
        if (!met) {
            throw new IOException(complaint);
        }
    }
}
