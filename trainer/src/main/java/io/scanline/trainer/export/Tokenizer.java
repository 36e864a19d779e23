package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.data.Sha256;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The bundle whose encoder and decoder stand between images and the codes that a prior is a model of.
 *
 * @param stored the bundle
 * @param digest SHA-256 of its description, which covers all of its files; 64 hexadecimal digits
 */
public record Tokenizer(StoredBundle stored, String digest) {
    private static final int MOST_CODES = 256;

    /**
     * Reads the tokenizer that a recipe names.
     *
     * @param models directory of models
     * @throws IOException when it is not there, is no tokenizer, or is not the one that the recipe is for
     */
    public static Tokenizer of(Recipe recipe, Path models) throws IOException {
        Path directory = models.resolve(recipe.tokenizer());
        Path description = directory.resolve(StoredBundle.DESCRIPTION);
        if (!Files.exists(description)) {
            throw new NoSuchFileException(
                    description.toString(),
                    null,
                    "the recipe " + recipe.name() + " needs the tokenizer " + recipe.tokenizer()
                            + ": train and export it first, or name its directory of models with --models");
        }
        Tokenizer tokenizer = new Tokenizer(StoredBundle.read(directory), Sha256.of(description));
        tokenizer.check(recipe);
        return tokenizer;
    }

    private void check(Recipe recipe) throws IOException {
        Bundle bundle = stored.bundle();
        LatentSpace latent = bundle.getLatent();
        String name = "the tokenizer " + recipe.tokenizer();
        require(
                latent.getKind() == LatentKind.LATENT_KIND_TOKENS && !bundle.hasAutoregression(),
                name + " is of the family " + bundle.getFamily() + ", which makes no codes of images");
        require(
                latent.getCodes() <= MOST_CODES,
                name + " has " + latent.getCodes() + " codes, and a prior takes at most " + MOST_CODES);
        require(
                latent.getCodes() == recipe.levels(),
                name + " has " + latent.getCodes() + " codes, the recipe levels: " + recipe.levels());
        // An encoder of binarised images would see them thresholded here.
        require(bundle.getGeometry().getLevels() > 2, name + " is one of binary images");
        require(
                recipe.tokenizerDigest() == null || recipe.tokenizerDigest().equals(digest),
                name + " is not the one that the prior was trained on, so that codes mean something else: the SHA-256"
                        + " of its bundle.json is " + digest + ", not " + recipe.tokenizerDigest());
    }

    private static void require(boolean met, String complaint) throws IOException {
        if (!met) {
            throw new IOException(complaint);
        }
    }
}
