package io.scanline.trainer.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;

/**
 * State of a training in one file, replaced as a whole: a kill at any moment leaves the old one or the new one.
 *
 * @param weights being trained
 * @param average their moving average
 * @param optimiser its moments
 */
record Checkpoint(Parameters weights, Parameters average, Optimiser optimiser) {
    /** Name of the file in the directory of a run. */
    static final String FILE = "checkpoint.pt";

    private static final String STEP = "step";
    private static final String MILLIS = "millis";

    /**
     * How far a training got.
     *
     * @param step steps taken
     * @param millis wall-clock milliseconds spent on them
     */
    record Progress(int step, long millis) {}

    void save(Path directory, Progress progress) throws IOException {
        Path partial = directory.resolve(FILE + ".part");
        try (PointerScope scope = new PointerScope()) {
            OutputArchive archive = new OutputArchive();
            weights.save(archive, "weights");
            average.save(archive, "average");
            optimiser.save(archive);
            archive.write(STEP, new IValue((long) progress.step()));
            archive.write(MILLIS, new IValue(progress.millis()));
            archive.save_to(partial.toString());
        }
        Files.move(partial, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    }

    Progress load(Path directory) {
        try (PointerScope scope = new PointerScope()) {
            InputArchive archive = open(directory);
            weights.load(archive, "weights");
            average.load(archive, "average");
            optimiser.load(archive);
            return progress(archive);
        }
    }

    /** Reads the averaged weights alone. */
    static Progress loadAverage(Path directory, Parameters average) {
        try (PointerScope scope = new PointerScope()) {
            InputArchive archive = open(directory);
            average.load(archive, "average");
            return progress(archive);
        }
    }

    private static InputArchive open(Path directory) {
        InputArchive archive = new InputArchive();
        archive.load_from(directory.resolve(FILE).toString());
        return archive;
    }

    private static Progress progress(InputArchive archive) {
        IValue step = new IValue();
        archive.read(STEP, step);
        IValue millis = new IValue();
        archive.read(MILLIS, millis);
        return new Progress((int) step.toInt(), millis.toInt());
    }
}
