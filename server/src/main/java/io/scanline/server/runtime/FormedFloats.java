package io.scanline.server.runtime;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Turns the float numbers of a tensor into the form that a graph from elsewhere has, and back. Item by item, an item
 * being float[channels, places] in the contract and [channels, places] or [places, channels] in the graph, where a
 * channel is an index of its first axis.
 */
final class FormedFloats {
    private static final int WHITE = 255;
    /** Least probability whose logarithm is taken: near the least normal float. */
    private static final double LEAST_PROBABILITY = 1e-38;
    /** Of the rounding of a softmax. */
    private static final float PROBABILITY_TOLERANCE = 1e-3f;

    private final GraphForm form;
    private final int channels;
    private final int places;
    private final float[] mean; // by channel; null: numbers are what they are
    private final float[] deviation;

    FormedFloats(BatchTensor tensor) {
        this.form = tensor.form();
        this.channels = tensor.item().isEmpty() ? 1 : tensor.item().get(0);
        this.places = (int) (tensor.size() / channels);
        boolean scaled = !form.mean().isEmpty();
        this.mean = scaled ? new float[channels] : null;
        this.deviation = scaled ? new float[channels] : null;
        for (int channel = 0; scaled && channel < channels; channel++) {
            int stated = form.mean().size() == 1 ? 0 : channel;
            mean[channel] = form.mean().get(stated);
            deviation[channel] = form.deviation().get(stated);
        }
    }

    void give(float[] from, Buffer to, int items) {
        int at = 0;
        for (int item = 0; item < items; item++) {
            for (int channel = 0; channel < channels; channel++) {
                for (int place = 0; place < places; place++) {
                    float number = from[at++];
                    int there = index(item, channel, place);
                    if (to instanceof FloatBuffer floats) {
                        floats.put(there, mean == null ? number : (number - mean[channel]) / deviation[channel]);
                    } else {
                        float within = Math.max(0, Math.min(1, number));
                        ((ByteBuffer) to).put(there, (byte) Math.round(within * WHITE));
                    }
                }
            }
        }
    }

    void take(Buffer from, float[] to, int items) {
        int at = 0;
        for (int item = 0; item < items; item++) {
            for (int channel = 0; channel < channels; channel++) {
                for (int place = 0; place < places; place++) {
                    int there = index(item, channel, place);
                    if (from instanceof FloatBuffer floats) {
                        float number = floats.get(there);
                        to[at++] = mean == null ? number : number * deviation[channel] + mean[channel];
                    } else {
                        to[at++] = (float) (((ByteBuffer) from).get(there) & 0xFF) / WHITE;
                    }
                }
            }
            finish(to, item * channels * places, at);
        }
    }

    private int index(int item, int channel, int place) {
        return form.channelsLast()
                ? (item * places + place) * channels + channel
                : (item * channels + channel) * places + place;
    }

    private void finish(float[] numbers, int from, int to) {
        switch (form.finish()) {
            case LENGTH_ONE -> {
                double squares = 0;
                for (int i = from; i < to; i++) {
                    squares += (double) numbers[i] * numbers[i];
                }
                double length = Math.sqrt(squares);
                for (int i = from; i < to; i++) {
                    numbers[i] = (float) (numbers[i] / length); // of no length: not a number, which is refused
                }
            }
            case LOGARITHM -> {
                for (int i = from; i < to; i++) {
                    numbers[i] = logarithm(numbers[i]);
                }
            }
            case NOTHING -> { }
        }
    }

    /** Not a number, which is refused, of what is no probability. */
    private static float logarithm(float probability) {
        boolean within = probability >= 0 && probability <= 1 + PROBABILITY_TOLERANCE;
        return within ? (float) StrictMath.log(Math.max(LEAST_PROBABILITY, probability)) : Float.NaN;
    }
}
