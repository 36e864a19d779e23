package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Threads that share the work of a batch, or of this process's share of it, each with its own copy of the weights. Only the
 * first copy is ever moved; the others take it over before they compute.
 */
final class DataParallel implements AutoCloseable {
    private final List<Replica> replicas = new ArrayList<>();
    private final Peers peers;
    private final ExecutorService threads;

    /** This many threads, all with copies of the same weights, in each of the processes. */
    DataParallel(Objective objective, Parameters initial, int workers, Peers peers) {
        this.peers = peers;
        for (int worker = 0; worker < workers; worker++) {
            replicas.add(new Replica(objective, initial.copy()));
        }
        threads = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(() -> {
                Libtorch.limitThreads();
                task.run();
            });
            thread.setDaemon(true);
            return thread;
        });
    }

    /** The copy of the weights that an optimiser moves, with the gradients of the last batch. */
    Parameters weights() {
        return replicas.get(0).parameters();
    }

    /** The copy of a worker. */
    Parameters weights(int worker) {
        return replicas.get(worker).parameters();
    }

    /**
     * Gradients, at {@link #weights()}, of a player's loss.
     *
     * @param player one of the objective's
     * @param step steps taken before this one
     * @param batch the images of all processes; a multiple of processes times workers
     * @param noise seed of the randomness of this step
     * @return the loss
     * @throws ArithmeticException when it is not a finite number
     * @throws IOException when another process is gone
     */
    double accumulate(Player player, int step, ImageSet batch, Precision precision, long noise)
            throws IOException, InterruptedException {
        int share = batch.size() / (peers.size() * replicas.size());
        double loss = onEveryThread(worker -> {
                    Replica replica = replicas.get(worker);
                    if (worker > 0) {
                        replica.parameters().set(weights());
                    }
                    int part = peers.rank() * replicas.size() + worker;
                    ImageSet own = batch.select(IntStream.range(part * share, (part + 1) * share).toArray());
                    return replica.accumulate(
                            player, step, own, precision, noise * peers.size() * replicas.size() + part);
                })
                .stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
        replicas.get(0).average(player, replicas.subList(1, replicas.size()));
        double mean = peers.average(weights().part(player.weights()), loss);
        if (!Double.isFinite(mean)) {
            throw new ArithmeticException("the loss is " + mean + ": lower the learning rate");
        }
        return mean;
    }

    /** Mean of the objective's loss over these images, in single precision; always with the same noise. */
    double evaluate(Replica model, ImageSet images) throws InterruptedException {
        int size = model.evaluationBatch();
        int batches = (images.size() + size - 1) / size;
        List<Double> sums = onEveryThread(worker -> {
            double sum = 0;
            for (int batch = worker; batch < batches; batch += replicas.size()) {
                int end = Math.min(images.size(), (batch + 1) * size);
                int[] indices = IntStream.range(batch * size, end).toArray();
                sum += model.evaluate(images.select(indices), batch) * indices.length;
            }
            return sum;
        });
        return sums.stream().mapToDouble(Double::doubleValue).sum() / images.size();
    }

    private List<Double> onEveryThread(IntFunction<Double> task) throws InterruptedException {
        List<Callable<Double>> tasks = IntStream.range(0, replicas.size())
                .<Callable<Double>>mapToObj(worker -> () -> task.apply(worker))
                .toList();
        List<Double> values = new ArrayList<>();
        for (Future<Double> result : threads.invokeAll(tasks)) {
            try {
                values.add(result.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException("a worker failed: " + e.getCause().getMessage(), e.getCause());
            }
        }
        return values;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
