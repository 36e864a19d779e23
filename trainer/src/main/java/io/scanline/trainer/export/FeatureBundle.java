package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.Sha256;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.OnnxParameters;
import io.scanline.trainer.training.FeatureDistance;
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
 * The bundle of a classifier or of a CLIP, of our own training, whose features a VQ-GAN compares images by. Its network
 * is built from its recipe, and its parameters are read from its graph.
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
        VectorQuantisedGan.Perception perception = perception(recipe);
        if (perception == null) {
            return Optional.empty();
        }
        Path directory = models.resolve(perception.bundle());
        Path description = directory.resolve(StoredBundle.DESCRIPTION);
        if (!Files.exists(description)) {
            throw new NoSuchFileException(
                    description.toString(),
                    null,
                    "the recipe " + recipe.name() + " compares images by the features of " + perception.bundle()
                            + ": train and export it first, or name its directory of models with --models");
        }
        String digest = Sha256.of(description);
        require(
                perception.digest() == null || perception.digest().equals(digest),
                perception.bundle() + " is not the one that the recipe compares images by: the SHA-256 of its"
                        + " bundle.json is " + digest + ", not " + perception.digest());
        return Optional.of(new FeatureBundle(perception.bundle(), StoredBundle.read(directory), digest));
    }

    private static VectorQuantisedGan.Perception perception(Recipe recipe) {
        return recipe.model() instanceof VectorQuantisedGan.Config config ? config.perception() : null;
    }

    /** The same recipe for this bundle alone, by its digest. */
    public Recipe.Source pin(Recipe.Source source) throws IOException {
        if (digest.equals(perception(source.recipe()).digest())) {
            return source;
        }
        Matcher line = Pattern.compile("(?m)^([ \\t]+)bundle:[ \\t]*\"?" + Pattern.quote(name) + "\"?[ \\t]*(#.*)?$")
                .matcher(source.text().replaceAll("(?m)^[ \\t]+digest:.*\\R", ""));
        Recipe.Source pinned = Recipe.parse(line.replaceFirst("$0\n$1digest: " + digest));
        require(
                digest.equals(perception(pinned.recipe()).digest()),
                "a recipe needs \"bundle: NAME/VERSION\" of perception as a line of its own");
        return pinned;
    }

    /**
     * The distance of images by its features.
     *
     * @param images that are compared
     * @throws IOException when it looks at other images, or was not made by this trainer; the message says why
     */
    public FeatureDistance distance(ImageShape images) throws IOException {
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
        ImageNetwork network = Recipe.parse(bundle.getProvenance().getRecipe()).recipe().model().network(shape);
        try {
            return FeatureDistance.of(encoder(network), parameters(network));
        } catch (IllegalArgumentException unlike) {
            throw new IOException(name + " is not what its recipe says: " + unlike.getMessage(), unlike);
        }
    }

    private PatchEncoder encoder(ImageNetwork network) throws IOException {
        if (network instanceof VisionTransformer classifier) {
            return classifier.encoder();
        }
        if (network instanceof Clip clip) {
            return clip.images();
        }
        throw new IOException(name + " is of the family " + stored.bundle().getFamily()
                + ": images are compared by the features of a vit or a clip");
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
