package io.scanline.trainer.training;

import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.nn.Network;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;

/**
 * The directory that a training run keeps its state in: recipe, settings of the machine, checkpoint and losses.
 *
 * @param path the directory
 */
public record RunDirectory(Path path) {
    private static final String RECIPE = "recipe.yaml";
    private static final String TOKENIZER = "tokenizer.json";
    private static final String LOCK = "lock";

    /**
     * What a training gave.
     *
     * @param average the averaged weights
     * @param progress how far the training was
     */
    public record Trained(Parameters average, Progress progress) {}

    /** Whether a training has a checkpoint here. */
    public boolean hasCheckpoint() {
        return Checkpoint.isIn(path);
    }

    /** The checkpoint's file. */
    public Path checkpoint() {
        return path.resolve(Checkpoint.FILE);
    }

    /** The losses. */
    public LossCurve curve() {
        return new LossCurve(path.resolve(LossCurve.FILE));
    }

    /** The recipe that the run was started with. */
    public Recipe.Source recipe() throws IOException {
        Path file = path.resolve(RECIPE);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString(), null, "this is not the directory of a training run");
        }
        return Recipe.parse(Files.readString(file));
    }

    /**
     * Keeps the recipe of a run that starts, or checks that of one that resumes. Not even the number of steps may differ,
     * because the learning rate of every step depends on it: the result would be that of neither recipe. Comments may.
     *
     * @throws IOException when the directory holds a run of another recipe
     */
    public void keep(Recipe.Source source) throws IOException {
        Files.createDirectories(path);
        if (hasCheckpoint()) {
            Recipe kept = recipe().recipe();
            if (kept.tokenizer() != null
                    && kept.tokenizer().equals(source.recipe().tokenizer())
                    && !Objects.equals(kept.tokenizerDigest(), source.recipe().tokenizerDigest())) {
                throw new IOException(path + " holds a run on the codes of another " + kept.tokenizer()
                        + ", which mean something else: bring that bundle back (the SHA-256 of its bundle.json is "
                        + kept.tokenizerDigest() + "), or choose another directory with --out");
            }
            Optional<ModelConfig.Needed> before = kept.model().needs();
            Optional<ModelConfig.Needed> now = source.recipe().model().needs();
            if (before.isPresent() && now.isPresent() && before.get().replaced(now.get())) {
                throw new IOException(path + " holds a run that goes by another " + before.get().bundle()
                        + ": bring that bundle back (the SHA-256 of its bundle.json is " + before.get().digest()
                        + "), or choose another directory with --out");
            }
            if (!kept.equals(source.recipe())) {
                throw new IOException(path + " holds a run of another recipe, and a run cannot change its recipe half-way"
                        + " (the learning rate of every step depends on all steps): choose another directory with --out");
            }
            return;
        }
        write(RECIPE, source.text());
    }

    /**
     * The tokenizer of a run on captions: that which it began with, or else this one, which is kept.
     *
     * @param json content of a tokenizer.json
     */
    public byte[] tokenizer(byte[] json) throws IOException {
        if (!hasCheckpoint()) {
            write(TOKENIZER, new String(json, StandardCharsets.UTF_8));
        }
        return tokenizer();
    }

    /** The tokenizer of a run on captions. */
    public byte[] tokenizer() throws IOException {
        return Files.readAllBytes(path.resolve(TOKENIZER));
    }

    /**
     * Keeps other processes from training here until the lock is closed, or this process ends in whatever way.
     *
     * @throws IOException when another process is training here
     */
    public Closeable lock() throws IOException {
        Files.createDirectories(path);
        FileChannel channel =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel; // closing it gives the lock back
            }
        } catch (OverlappingFileLockException ours) {
            channel.close();
            throw new IOException(path + " is in use by another run of this process", ours);
        }
        channel.close();
        throw new IOException(path + " is in use: another process is training there");
    }

    /**
     * Reads what the training gave so far.
     *
     * @throws IOException when there is no checkpoint of such a network
     */
    public Trained trained(Network network) throws IOException {
        if (!hasCheckpoint()) {
            throw new NoSuchFileException(checkpoint().toString(), null, "nothing has been trained there yet");
        }
        Parameters average = Parameters.initial(network.parameters(), 0);
        return new Trained(average, Checkpoint.loadAverage(path, average));
    }

    /** Writes a small file as a whole. */
    void write(String name, String text) throws IOException {
        Path partial = path.resolve(name + ".part");
        Files.writeString(partial, text);
        Files.move(partial, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
}
