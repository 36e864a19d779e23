package io.scanline.trainer.training;

import io.scanline.trainer.data.Holdout;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Trains a network for an objective, data-parallel over threads, and keeps a moving average of its weights. A run
 * that was killed goes on from its last checkpoint and gives the same losses as one that was not.
 */
public final class TrainingRun implements AutoCloseable {
    private final Recipe.Training training;
    private final Path directory;
    private final Objective objective;
    private final Holdout images;
    private final Precision precision;
    private final int checkpointEvery;
    private final DataParallel workers;
    private final Replica averaged;
    private final Checkpoint checkpoint;
    private final LossCurve curve;
    private Progress progress;

    /** Told about every step. */
    @FunctionalInterface
    public interface Listener {
        /** A step was taken. */
        void stepped(LossCurve.Point point) throws IOException;
    }

    /**
     * A training that starts, or resumes, in a directory.
     *
     * @param images quantised training images
     * @param checkpointEvery steps between checkpoints
     * @throws IOException when what is in the directory cannot be resumed
     */
    public TrainingRun(
            Recipe.Training training,
            ImageNetwork network,
            ImageSet images,
            Path directory,
            Precision precision,
            int checkpointEvery)
            throws IOException {
        this.training = training;
        this.directory = Files.createDirectories(directory);
        this.images = Holdout.split(images, training.validationImages(), training.seed());
        this.precision = precision;
        this.checkpointEvery = checkpointEvery;
        Parameters initial = Parameters.initial(network.parameters(), training.seed());
        this.objective = Families.objective(network);
        this.averaged = new Replica(objective, initial.copy());
        this.workers = new DataParallel(objective, initial, training.workers());
        this.checkpoint =
                new Checkpoint(workers.weights(), averaged.parameters(), new Optimiser(workers.weights(), training));
        this.curve = new LossCurve(directory.resolve(LossCurve.FILE));
        this.progress = Checkpoint.isIn(directory) ? checkpoint.load(directory) : new Progress(0, 0);
        curve.truncate(progress.step());
    }

    /** The averaged weights, which are what the training gives. */
    public Parameters average() {
        return averaged.parameters();
    }

    /** The images that it learns from and those that it validates with. */
    public Holdout images() {
        return images;
    }

    /** The losses so far. */
    public LossCurve curve() {
        return curve;
    }

    /** What it lowers. */
    public Objective objective() {
        return objective;
    }

    /** How far the training is. */
    public Progress progress() {
        return progress;
    }

    /**
     * Trains until the recipe's last step, or until this one if it comes first; then checkpoints.
     *
     * @return how far the training is now
     */
    public Progress train(int lastStep, Listener listener) throws IOException, InterruptedException {
        ImageOrder order = new ImageOrder(images.training().size(), training.batch(), training.seed());
        Schedule schedule = Schedule.of(training);
        long earlier = progress.millis();
        long started = System.nanoTime();
        int end = Math.min(lastStep, training.steps());
        for (int step = progress.step(); step < end; step++) {
            long noise = training.seed() << Integer.SIZE | step;
            double loss = workers.accumulate(images.training(), order.at(step), precision, noise);
            double norm = checkpoint.optimiser().step(schedule.at(step));
            objective.afterStep(workers.weights(), noise);
            // Early averages would otherwise remember the random start for long.
            double memory = Math.min(training.ema(), (step + 1.0) / (step + 10.0));
            averaged.parameters().approach(workers.weights(), 1 - memory);
            LossCurve.Point point = new LossCurve.Point(step, schedule.at(step), norm, loss, validate(step + 1));
            curve.append(point);
            progress = new Progress(step + 1, earlier + (System.nanoTime() - started) / 1_000_000);
            if ((step + 1) % checkpointEvery == 0 || step + 1 == end) {
                checkpoint.save(directory, progress);
            }
            listener.stepped(point);
        }
        return progress;
    }

    /** The objective's loss over the validation images, with the averaged weights. */
    private double validate(int steps) throws InterruptedException {
        boolean due = steps == training.steps() || steps % training.validateEvery() == 0;
        return due && images.validation().size() > 0 ? workers.evaluate(averaged, images.validation()) : Double.NaN;
    }

    @Override
    public void close() {
        workers.close();
    }
}
