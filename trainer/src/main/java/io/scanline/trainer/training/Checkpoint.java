package io.scanline.trainer.training;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;

/**
 * State of a training in one file, replaced as a whole: a kill at any moment leaves the old one or the new one.
 *
 * @param weights being trained
 * @param average their moving average
 * @param optimisers of all players, with their moments
 */
record Checkpoint(Parameters weights, Parameters average, List<Optimiser> optimisers) {
    /** Name of the file in the directory of a run. */
    static final String FILE = "checkpoint.pt";

    private static final String WEIGHTS = "weights";
    private static final String AVERAGE = "average";
    private static final String STEP = "step";
    private static final String MILLIS = "millis";

    /** Whether a directory has one. */
    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(FILE));
    }

    void save(Path directory, Progress progress) throws IOException {
        Path partial = directory.resolve(FILE + ".part");
        try (PointerScope scope = new PointerScope()) {
            OutputArchive archive = new OutputArchive();
            weights.save(archive, WEIGHTS);
            average.save(archive, AVERAGE);
            optimisers.forEach(optimiser -> optimiser.save(archive));
            archive.write(STEP, new IValue((long) progress.step()));
            archive.write(MILLIS, new IValue(progress.millis()));
            archive.save_to(partial.toString());
        }
        try (FileChannel written = FileChannel.open(partial, StandardOpenOption.WRITE)) {
            written.force(true); // before the old one goes, for the case that the whole machine stops
        }
        Files.move(partial, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Reads the state back.
     *
     * @param content of the file
     * @param file that it comes from
     * @throws IOException when the file is damaged or of another network
     */
    Progress load(byte[] content, Path file) throws IOException {
        return read(content, file, archive -> {
            weights.load(archive, WEIGHTS);
            average.load(archive, AVERAGE);
            optimisers.forEach(optimiser -> optimiser.load(archive));
        });
    }

    /** Reads the averaged weights alone from a directory; as {@link #load}. */
    static Progress loadAverage(Path directory, Parameters average) throws IOException {
        Path file = directory.resolve(FILE);
        return read(Files.readAllBytes(file), file, archive -> average.load(archive, AVERAGE));
    }

    private static Progress read(byte[] content, Path file, Consumer<InputArchive> reader) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            InputArchive archive = new InputArchive();
            archive.load_from(new BytePointer(content), content.length);
            reader.accept(archive);
            IValue step = new IValue();
            archive.read(STEP, step);
            IValue millis = new IValue();
            archive.read(MILLIS, millis);
            return new Progress((int) step.toInt(), millis.toInt());
        } catch (RuntimeException refused) { // as which every C++ exception arrives
            throw new IOException(file + " is damaged or of another network", refused);
        }
    }
}
