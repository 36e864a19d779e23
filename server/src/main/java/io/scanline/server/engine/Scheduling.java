package io.scanline.server.engine;

import java.util.Map;

/**
 * How the slots of a model are shared by those who wait.
 *
 * @param weights share of a client among those who wait, 1 to 1000, by its name; 1 for others: a client of weight 3
 *     gets three steps for each one of a client of weight 1
 * @param overtakes slots in a row that may be given to more urgent requests while a less urgent one waits, 1 or more:
 *     the bound against starvation
 * @param maxQueuedPerClient images of one client that may wait for a slot of one model, 0 or more: leaves room for
 *     others
 */
public record Scheduling(Map<String, Integer> weights, int overtakes, int maxQueuedPerClient) {
    /** Overtakes unless configured. */
    public static final int DEFAULT_OVERTAKES = 32;
    /** Largest weight. */
    public static final int LARGEST_WEIGHT = 1000;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public Scheduling {
        weights = Map.copyOf(weights);
        weights.forEach((client, weight) -> EngineConfig.require(
                weight >= 1 && weight <= LARGEST_WEIGHT,
                "the weight of a client must be 1 to " + LARGEST_WEIGHT + "; that of " + client + " is " + weight));
        EngineConfig.require(overtakes >= 1, "overtakes must be 1 or more");
        EngineConfig.require(maxQueuedPerClient >= 0, "maxQueuedPerClient must be 0 or more");
    }

    /** Everybody has the same share and may use the whole queue. */
    static Scheduling equal() {
        return new Scheduling(Map.of(), DEFAULT_OVERTAKES, Integer.MAX_VALUE);
    }

    int weight(String client) {
        return weights.getOrDefault(client, 1);
    }
}
