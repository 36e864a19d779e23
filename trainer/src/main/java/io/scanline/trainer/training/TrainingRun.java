package io.scanline.trainer.training;

import io.scanline.trainer.data.Holdout;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains a network by maximum likelihood, data-parallel over threads: every worker computes the gradient of its share of the
 * batch on its own copy of the weights; the mean gradient moves one copy, which the others then take over.
 */
public final class TrainingRun implements AutoCloseable {
    private static final int VALIDATION_BATCH = 20;

    private final Recipe.Training training;
    private final Path directory;
    private final Holdout images;
    private final Precision precision;
    private final List<Replica> replicas = new ArrayList<>();
    private final Replica averaged;
    private final Checkpoint checkpoint;
    private final LossCurve curve;
    private final ExecutorService workers;
    private final int checkpointEvery;

    /** Told about every step. */
    @FunctionalInterface
    public interface Listener {
        /** A step was taken. */
        void stepped(LossCurve.Point point) throws IOException;
    }

    /** One thread for every library underneath: two pools of them on the same cores were measured 10 times slower. */
    public static void limitNativeThreads() {
        openblas.blas_set_num_threads(1);
        torch.set_num_threads(1);
    }

    /**
     * A training that starts, or resumes, in a directory.
     *
     * @param images quantised training images
     * @param checkpointEvery steps between checkpoints
     */
    public TrainingRun(
            Recipe.Training training,
            AutoregressiveNetwork network,
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
        this.averaged = new Replica(network, initial.copy());
        for (int worker = 0; worker < training.workers(); worker++) {
            replicas.add(new Replica(network, initial.copy()));
        }
        Parameters weights = replicas.get(0).parameters();
        this.checkpoint = new Checkpoint(weights, averaged.parameters(), new Optimiser(weights, training));
        this.curve = new LossCurve(directory.resolve("loss.csv"));
        this.workers = Executors.newFixedThreadPool(training.workers());
    }

    /** The averaged weights, which are what the training gives. */
    public Parameters average() {
        return averaged.parameters();
    }

    /** The losses so far. */
    public LossCurve curve() {
        return curve;
    }

    /**
     * Trains until the recipe's last step, or until this one if it comes first; then checkpoints.
     *
     * @return how far the training is now
     */
    public Checkpoint.Progress train(int lastStep, Listener listener) throws IOException, InterruptedException {
        Checkpoint.Progress start = Files.exists(directory.resolve(Checkpoint.FILE))
                ? checkpoint.load(directory)
                : new Checkpoint.Progress(0, 0);
        curve.truncate(start.step());
        ImageOrder order = new ImageOrder(images.training().size(), training.batch(), training.seed());
        Schedule schedule = Schedule.of(training);
        long started = System.nanoTime();
        int end = Math.min(lastStep, training.steps());
        Checkpoint.Progress progress = start;
        for (int step = start.step(); step < end; step++) {
            double loss = step(order.at(step));
            double norm = checkpoint.optimiser().step(schedule.at(step));
            // Early averages would otherwise remember the random start for long.
            averaged.parameters()
                    .approach(replicas.get(0).parameters(), 1 - Math.min(training.ema(), (step + 1.0) / (step + 10.0)));
            boolean last = step + 1 == training.steps();
            double validation = last || (step + 1) % training.validateEvery() == 0 ? validate() : Double.NaN;
            LossCurve.Point point = new LossCurve.Point(step, schedule.at(step), norm, loss, validation);
            curve.append(point);
            progress = new Checkpoint.Progress(step + 1, start.millis() + (System.nanoTime() - started) / 1_000_000);
            if ((step + 1) % checkpointEvery == 0 || step + 1 == end) {
                checkpoint.save(directory, progress);
            }
            listener.stepped(point);
        }
        return progress;
    }

    /** Gradients of the whole batch in replica 0; returns the mean loss. */
    private double step(int[] indices) throws InterruptedException {
        Parameters weights = replicas.get(0).parameters();
        int share = indices.length / replicas.size();
        double loss = parallel(worker -> {
                    Replica replica = replicas.get(worker);
                    if (worker > 0) {
                        replica.parameters().set(weights);
                    }
                    int[] own = Arrays.copyOfRange(indices, worker * share, (worker + 1) * share);
                    return replica.accumulate(select(images.training(), own), labels(images.training(), own), precision);
                })
                .stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
        if (!Double.isFinite(loss)) {
            throw new ArithmeticException("the loss is " + loss + ": lower the learning rate");
        }
        replicas.get(0).average(replicas.subList(1, replicas.size()));
        return loss;
    }

    /** Mean negative log-likelihood of a value over the validation images, in nats, with the averaged weights. */
    private double validate() throws InterruptedException {
        ImageSet held = images.validation();
        int batches = (held.size() + VALIDATION_BATCH - 1) / VALIDATION_BATCH;
        List<Double> sums = parallel(worker -> {
            double sum = 0;
            for (int batch = worker; batch < batches; batch += replicas.size()) {
                int[] indices = IntStream.range(batch * VALIDATION_BATCH, Math.min(held.size(), (batch + 1) * VALIDATION_BATCH))
                        .toArray();
                sum += averaged.evaluate(select(held, indices), labels(held, indices)) * indices.length;
            }
            return sum;
        });
        return sums.stream().mapToDouble(Double::doubleValue).sum() / held.size();
    }

    private List<Double> parallel(IntFunction<Double> task) throws InterruptedException {
        List<Future<Double>> results = IntStream.range(0, replicas.size())
                .mapToObj(worker -> workers.submit(() -> {
                    limitNativeThreads(); // libtorch keeps this per thread
                    return task.apply(worker);
                }))
                .toList();
        List<Double> values = new ArrayList<>();
        for (Future<Double> result : results) {
            try {
                values.add(result.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a worker failed: " + e.getCause().getMessage(), e.getCause());
            }
        }
        return values;
    }

    private static List<byte[]> select(ImageSet set, int[] indices) {
        return Arrays.stream(indices).mapToObj(set::image).toList();
    }

    private static int[] labels(ImageSet set, int[] indices) {
        return Arrays.stream(indices).map(index -> set.labels()[index]).toArray();
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
