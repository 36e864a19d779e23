package io.scanline.server.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads memory one word after another on several threads: the fastest that a step could be fed. */
final class MemoryStream implements AutoCloseable {
    /** Of one thread, in bytes: more than the caches of common processors hold for one. */
    private static final int SHARE = 64 << 20;

    private final List<int[]> shares = new ArrayList<>();
    private final ExecutorService readers;
    private volatile int sum; // so that the reading cannot be left out

    MemoryStream(int threads) {
        for (int thread = 0; thread < threads; thread++) {
            shares.add(new int[SHARE / Integer.BYTES]);
        }
        readers = Executors.newFixedThreadPool(threads);
    }

    /** Reads all of it once; returns bytes a second. */
    double bytesPerSecond() throws InterruptedException {
        long begun = System.nanoTime();
        List<Future<Integer>> sums = new ArrayList<>();
        for (int[] share : shares) {
            sums.add(readers.submit(() -> sum(share)));
        }
        try {
            int total = 0;
            for (Future<Integer> one : sums) {
                total += one.get();
            }
            sum = total;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException("adding numbers failed", impossible);
        }
        return (double) SHARE * shares.size() * 1e9 / (System.nanoTime() - begun);
    }

    private static int sum(int[] words) {
        int sum = 0;
        for (int word : words) {
            sum += word;
        }
        return sum;
    }

    @Override
    public void close() {
        readers.shutdown();
    }
}
