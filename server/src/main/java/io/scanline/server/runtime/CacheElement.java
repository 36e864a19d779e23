package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;

/** Type of the numbers of a cache of keys and values. Zero bytes are zeros of any. */
public enum CacheElement {
    /** Numbers as they are computed. */
    FLOAT32(OnnxJavaType.FLOAT, Float.BYTES),
    /** 16-bit floats. */
    FLOAT16(OnnxJavaType.FLOAT16, Short.BYTES),
    /** Signed bytes, each a multiple of a scale that the graph holds. */
    INT8(OnnxJavaType.INT8, Byte.BYTES);

    private final OnnxJavaType type;
    private final int bytes;

    CacheElement(OnnxJavaType type, int bytes) {
        this.type = type;
        this.bytes = bytes;
    }

    OnnxJavaType type() {
        return type;
    }

    /** Bytes of one number. */
    int bytes() {
        return bytes;
    }
}
