package io.scanline.trainer.training;

import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.io.Reader;
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
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
            return Optional.of(new MachineSettings(
                    Precision.valueOf(properties.getProperty(PRECISION, "").toUpperCase(Locale.ROOT)),
                    Integer.parseInt(properties.getProperty(WORKERS, ""))));
        } catch (IllegalArgumentException damaged) {
            throw new IOException(file + " does not say precision and workers: remove it to choose them anew", damaged);
        }
    }

    /** Keeps them with the run. */
    public void keep(RunDirectory run) throws IOException {
        run.write(FILE, PRECISION + "=" + precision.name().toLowerCase(Locale.ROOT) + "\n" + WORKERS + "=" + workers + "\n");
    }
}
