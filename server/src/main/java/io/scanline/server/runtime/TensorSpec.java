package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;

/**
 * What one tensor of a graph must look like.
 *
 * @param role its contract name
 * @param type of its elements
 * @param dimensions its sizes; {@link GraphSignature#ANY} for those that every run may choose
 */
record TensorSpec(String role, OnnxJavaType type, long... dimensions) {}
