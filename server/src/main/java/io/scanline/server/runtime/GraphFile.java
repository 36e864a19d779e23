package io.scanline.server.runtime;

import java.util.Map;

/**
 * One ONNX graph of a bundle.
 *
 * @param path its path in the bundle
 * @param onnx its contents
 * @param tensors its tensor names by contract name, see Graph.tensors in bundle.proto
 */
public record GraphFile(String path, byte[] onnx, Map<String, String> tensors) {}
