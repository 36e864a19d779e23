package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;

/** A model that serves in one lane of its own, with its measurements, its graphs and the memory of their runs. */
abstract class OneLaneModel implements Serving {
    private final ModelInfo info;
    private final Measurements metrics;
    private final Releasable lane;
    private final Releasable memory;
    private final Releasable graphs;

    /** Everything is closed with this. */
    OneLaneModel(ModelInfo info, Measurements metrics, Releasable lane, Releasable memory, Releasable graphs) {
        this.info = info;
        this.metrics = metrics;
        this.lane = lane;
        this.memory = memory;
        this.graphs = graphs;
    }

    /** Takes the memory of runs. */
    interface Memory<M> {
        M take() throws EngineException;
    }

    /** Starts the lane. */
    interface Starter<M, S> {
        S start(M memory) throws GraphException;
    }

    /** Takes memory and starts a model. Owns the graphs, also when it fails. */
    static <M extends Releasable, S extends OneLaneModel> S start(
            Releasable graphs, Memory<M> memory, Starter<M, S> starter) throws EngineException {
        M taken = null;
        boolean started = false;
        try {
            taken = memory.take();
            S model = starter.start(taken);
            started = true;
            return model;
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph does not run: " + failed.getMessage(), failed);
        } finally {
            if (!started) {
                if (taken != null) {
                    taken.close();
                }
                graphs.close();
            }
        }
    }

    @Override
    public final ModelInfo info() {
        return info;
    }

    @Override
    public final EngineException counted(EngineException refusal) {
        metrics.rejected(refusal.reason());
        return refusal;
    }

    @Override
    public final void close() {
        lane.close();
        memory.close();
        graphs.close();
        metrics.close();
    }
}
