package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;

/**
 * What one tensor of a graph must look like.
 *
 * @param role its contract name
 * @param type of its elements
 * @param dimensions its sizes; {@link #ANY} for those that every run may choose
 */
record TensorSpec(String role, OnnxJavaType type, long... dimensions) {
    /** A dimension that every run may choose: slots or positions. */
    static final long ANY = -1;

    /** A graph may leave any dimension open, but may fix only those that are not chosen at run time. */
    boolean fits(long[] found) {
        if (found.length != dimensions.length) {
            return false;
        }
        for (int i = 0; i < found.length; i++) {
            if (found[i] != ANY && found[i] != dimensions[i]) {
                return false;
            }
        }
        return true;
    }
}
