package io.scanline.trainer.training;

import java.io.IOException;

/**
 * The processes that train one network together: each computes the gradient of its share of a batch, all take the same
 * step from their average. To be used by one thread. Rank 0 is the one that keeps the run's directory.
 */
public interface Peers extends AutoCloseable {
    /** A process by itself. */
    Peers NONE = new Peers() {
        @Override
        public int rank() {
            return 0;
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public double average(Parameters parameters, double loss) {
            return loss;
        }

        @Override
        public byte[] share(byte[] ofRankZero) {
            return ofRankZero;
        }

        @Override
        public void close() {}
    };

    /** Which of them this is, 0 to size - 1. */
    int rank();

    /** How many they are. */
    int size();

    /** Whether this is rank 0. */
    default boolean isFirst() {
        return rank() == 0;
    }

    /**
     * Replaces every gradient by its mean over all processes; waits for all of them.
     *
     * @param parameters with gradients
     * @param loss of this process
     * @return mean loss
     * @throws IOException when another process is gone
     */
    double average(Parameters parameters, double loss) throws IOException;

    /**
     * What rank 0 hands to all; waits for it.
     *
     * @param ofRankZero not read on other ranks
     * @throws IOException when another process is gone
     */
    byte[] share(byte[] ofRankZero) throws IOException;

    @Override
    void close();
}
