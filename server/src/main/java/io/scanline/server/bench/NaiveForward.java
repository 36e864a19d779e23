package io.scanline.server.bench;

import io.scanline.server.engine.VerifiedBundle;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepGraph;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepState;

/**
 * Decoding without a cache: for every value the whole image so far goes through the graph again. Timed at some
 * positions and integrated over the image, since all of them would take minutes. Only for graphs that take several
 * positions in one run.
 */
final class NaiveForward implements AutoCloseable {
    private final StepGraph graph;
    private final int steps;

    /** Loads the graph into a session of its own. */
    NaiveForward(VerifiedBundle bundle, int threads) throws GraphException {
        this.graph = StepGraph.load(bundle.stepSource(), threads);
        this.steps = bundle.bundle().getAutoregression().getSteps();
    }

    /**
     * Times one image.
     *
     * @param points positions timed, evenly spread from the first to the last; at least 2
     * @return nanoseconds for all its values, by the trapezoidal rule
     */
    double imageNanos(int points) throws GraphException {
        try (StepState state = graph.newState(1, steps)) {
            int before = 0;
            double timeBefore = time(state, before);
            double sum = timeBefore;
            for (int point = 1; point < points; point++) {
                int at = (int) ((long) point * (steps - 1) / (points - 1));
                double timeAt = time(state, at);
                // Positions before + 1 to at, on the straight line between the two times.
                int between = at - before;
                for (int i = 1; i <= between; i++) {
                    sum += timeBefore + (timeAt - timeBefore) * i / between;
                }
                before = at;
                timeBefore = timeAt;
            }
            return sum;
        }
    }

    /** Nanoseconds to compute the value at a position from nothing, tensors made before. */
    private double time(StepState state, int at) throws GraphException {
        try (StepProgram program = graph.newProgram(state, at + 1)) {
            for (int i = 0; i <= at; i++) {
                program.position()[i] = i;
            }
            long begun = System.nanoTime();
            program.run(1);
            return System.nanoTime() - begun;
        }
    }

    @Override
    public void close() {
        graph.close();
    }
}
