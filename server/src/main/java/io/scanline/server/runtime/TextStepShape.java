package io.scanline.server.runtime;

/**
 * Sizes of a graph that goes on with texts, see "text_step" in bundle.proto.
 *
 * @param prefix positions N of every sequence that are vectors made of an image; ids follow
 * @param width components D of such a vector
 * @param vocabulary ids V that the graph tells apart
 * @param cache its keys and values
 */
public record TextStepShape(int prefix, int width, int vocabulary, KeyValueShape cache) {}
