package io.scanline.trainer.training;

import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;

/**
 * How a run is computed, which the recipe leaves to the machine and which changes the losses by rounding. Kept with the
 * run, so that a resumed one computes as before and gives the same losses to the last bit.
 *
 * @param precision of matrix products
 * @param workers threads
 */
public record MachineSettings(Precision precision, int workers) {
    private static final String FILE = "machine.properties";
    private static final String PRECISION = "precision";
    private static final String WORKERS = "workers";

    /**
     * The settings of an earlier part of this run; empty when there are none.
     *
     * @throws IOException when they cannot be read
     */
    public static Optional<MachineSettings> of(RunDirectory run) throws IOException {
        Path file = run.path().resolve(FILE);
        if (!run.hasCheckpoint() || !Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(of(Files.readString(file)));
        } catch (IllegalArgumentException damaged) {
            throw new IOException(file + " does not say precision and workers: remove it to choose them anew", damaged);
        }
    }

    /**
     * The settings of a text.
     *
     * @throws IllegalArgumentException when it does not say them
     */
    public static MachineSettings of(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return new MachineSettings(
                Precision.valueOf(properties.getProperty(PRECISION, "").toUpperCase(Locale.ROOT)),
                Integer.parseInt(properties.getProperty(WORKERS, "")));
    }

    /** Keeps them with the run. */
    public void keep(RunDirectory run) throws IOException {
        run.write(FILE, text());
    }

    /** What {@link #of(String)} reads. */
    public String text() {
        return PRECISION + "=" + precision.name().toLowerCase(Locale.ROOT) + "\n" + WORKERS + "=" + workers + "\n";
    }
}
