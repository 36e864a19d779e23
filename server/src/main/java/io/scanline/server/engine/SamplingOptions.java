package io.scanline.server.engine;

/**
 * How a value is drawn from the model's distribution; applied in the order of the components.
 *
 * @param temperature divides the logits; 0: always the likeliest level; finite, 0 to 10
 * @param topK keeps the k likeliest levels; 0: all
 * @param topP keeps the likeliest levels up to this much probability; above 0, at most 1
 */
public record SamplingOptions(float temperature, int topK, float topP) {
    /** The model's own distribution. */
    public static final SamplingOptions NEUTRAL = new SamplingOptions(1, 0, 1);
}
