package io.scanline.trainer.training;

import io.scanline.trainer.data.Discretiser;
import io.scanline.trainer.data.Holdout;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains a network for an objective, and its opponent if it has one, data-parallel over threads and processes, and keeps
 * a moving average of the weights. A run that was killed goes on from its last checkpoint and gives the same losses as
 * one that was not.
 */
public final class TrainingRun implements AutoCloseable {
    private final Recipe.Training training;
    private final Path directory;
    private final Discretiser levels;
    private final Objective objective;
    private final List<Player> players;
    private final Holdout intensities;
    private final Holdout images;
    private final Precision precision;
    private final int checkpointEvery;
    private final Peers peers;
    private final DataParallel workers;
    private final Replica averaged;
    private final Checkpoint checkpoint;
    private final LossCurve curve;
    private Progress progress;

    /** Told about every step, on rank 0. */
    @FunctionalInterface
    public interface Listener {
        /** A step was taken. */
        void stepped(LossCurve.Point point) throws IOException;
    }

    /** A training of a network for the objective of its family; see the other constructor. */
    public TrainingRun(
            Recipe.Training training,
            ImageNetwork network,
            ImageSet intensities,
            Discretiser levels,
            Path directory,
            Precision precision,
            int checkpointEvery,
            Peers peers)
            throws IOException {
        this(
                training, Families.objective(network), intensities, levels, directory, precision, checkpointEvery,
                peers);
    }

    /**
     * A training that starts, or resumes, in a directory.
     *
     * @param objective what it lowers
     * @param intensities training images of 8 bits, or what else the discretiser takes
     * @param levels what the network sees of them
     * @param directory of rank 0; other processes write nothing
     * @param checkpointEvery steps between checkpoints
     * @param peers the processes that train together; closed by the caller
     * @throws IOException when what is in the directory cannot be resumed, or another process is gone
     */
    public TrainingRun(
            Recipe.Training training,
            Objective objective,
            ImageSet intensities,
            Discretiser levels,
            Path directory,
            Precision precision,
            int checkpointEvery,
            Peers peers)
            throws IOException {
        this.training = training;
        this.directory = directory;
        this.levels = levels;
        // A small set keeps most of its images to learn from.
        int validation = Math.min(training.validationImages(), intensities.size() / 10);
        this.intensities = Holdout.split(intensities, validation, training.seed());
        this.images = levels.fixed(this.intensities);
        this.precision = precision;
        this.checkpointEvery = checkpointEvery;
        this.peers = peers;
        this.objective = objective;
        this.players = objective.players();
        Parameters initial = Parameters.initial(Player.weights(players), training.seed());
        objective.begin(initial);
        this.averaged = new Replica(objective, initial.copy());
        this.workers = new DataParallel(objective, initial, training.workers(), peers);
        this.checkpoint = new Checkpoint(
                workers.weights(), averaged.parameters(), Optimiser.of(players, workers.weights(), training));
        this.curve = new LossCurve(directory.resolve(LossCurve.FILE));
        this.progress = resume();
        if (peers.isFirst()) {
            Files.createDirectories(directory);
            curve.truncate(progress.step());
        }
    }

    /** All processes start from rank 0's checkpoint, if it has one. */
    private Progress resume() throws IOException {
        boolean stored = peers.isFirst() && Checkpoint.isIn(directory);
        byte[] state = peers.share(stored ? Files.readAllBytes(directory.resolve(Checkpoint.FILE)) : new byte[0]);
        return state.length == 0 ? new Progress(0, 0) : checkpoint.load(state, directory.resolve(Checkpoint.FILE));
    }

    /** The averaged weights, which are what the training gives. */
    public Parameters average() {
        return averaged.parameters();
    }

    /** The images that it learns from and those that it validates with, both as one fixed draw of levels. */
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
            ImageSet batch = levels.at(step, intensities.training(), order.at(step));
            Moves moves = move(step, batch, schedule.at(step), noise);
            objective.afterStep(workers.weights(), noise);
            // Early averages would otherwise remember the random start for long.
            double memory = Math.min(training.ema(), (step + 1.0) / (step + 10.0));
            averaged.parameters().approach(workers.weights(), 1 - memory);
            if (!peers.isFirst()) {
                progress = new Progress(step + 1, earlier);
                continue;
            }
            LossCurve.Point point = new LossCurve.Point(
                    step, schedule.at(step), moves.norm(), moves.loss(), validate(step + 1), moves.opposing());
            curve.append(point);
            progress = new Progress(step + 1, earlier + (System.nanoTime() - started) / 1_000_000);
            if ((step + 1) % checkpointEvery == 0 || step + 1 == end) {
                checkpoint.save(directory, progress);
            }
            listener.stepped(point);
        }
        return progress;
    }

    /** What came of a step: of the network its loss and the norm of its gradient, and the loss of its opponent. */
    private record Moves(double loss, double norm, double opposing) {}

    /** Every player's turn, with the same images. */
    private Moves move(int step, ImageSet batch, double learningRate, long noise)
            throws IOException, InterruptedException {
        double loss = Double.NaN;
        double norm = Double.NaN;
        double opposing = Double.NaN;
        for (int i = 0; i < players.size(); i++) {
            Player player = players.get(i);
            if (player.plays(step)) {
                opposing = loss;
                loss = workers.accumulate(player, step, batch, precision, noise);
                norm = checkpoint.optimisers().get(i).step(learningRate * player.rate());
            }
        }
        return new Moves(loss, norm, opposing);
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
