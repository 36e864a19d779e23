package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.RowInput;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Checks the row graph of a step graph, as bundle.proto describes it. */
final class RowDescription {
    private static final int MAX_ABOVE = 64;
    private static final int MAX_FEATURES = 65536;

    /** Contract name, in the step graph, of what the row graph makes. */
    private static final String FEATURES = "features";

    private RowDescription() {}

    /**
     * Checks that there is a row graph where one is needed, and what it is.
     *
     * @return memories of the step graph whose previous row it reads, by index
     */
    static Set<Integer> check(Bundle bundle, Graph step) throws EngineException {
        for (Graph graph : bundle.getGraphsList()) {
            require(
                    !graph.hasRow() || graph.getRole().equals(BundleDescription.ROW_ROLE),
                    "the graph of role \"%s\" has row, the sizes of a graph of role \"row\"", graph.getRole());
        }
        Optional<Graph> graph = BundleDescription.findGraph(bundle, BundleDescription.ROW_ROLE);
        boolean takesFeatures = step.containsTensors(FEATURES);
        require(
                graph.isPresent() || !takesFeatures,
                "the step graph takes features, but no graph of role \"row\" and variant \"%s\" makes them",
                BundleDescription.STEP_VARIANT);
        if (graph.isEmpty()) {
            return Set.of();
        }
        require(takesFeatures, "there is a graph of role \"row\", but the step graph has no tensor for features");
        require(graph.get().hasRow(), "the graph of role \"row\" has no row, which tells its sizes");
        int channels = ValueGrid.drawn(bundle).channels();
        require(channels == 1, "a graph of role \"row\" needs images of one channel, not %d", channels);
        return check(graph.get(), step);
    }

    private static Set<Integer> check(Graph graph, Graph step) throws EngineException {
        RowInput row = graph.getRow();
        requireRange("row.above", row.getAbove(), 0, MAX_ABOVE);
        requireRange("row.features", row.getFeatures(), 1, MAX_FEATURES);
        int memories = step.getState().getMemoriesCount();
        Set<Integer> previous = new HashSet<>();
        for (int memory : row.getPreviousList()) {
            require(
                    memory >= 0 && memory < memories,
                    "row.previous names memory %s; the step graph has %d",
                    Integer.toUnsignedString(memory), memories);
            require(previous.add(memory), "row.previous names memory %d twice", memory);
        }
        require(
                !graph.getState().hasKeyValueCache() && graph.getState().getMemoriesCount() == 0,
                "a graph of role \"row\" can carry recurrents from row to row, but no keyValueCache and no memories");
        StateDescription.checkRecurrents(graph.getState().getRecurrentsList());
        return previous;
    }
}
