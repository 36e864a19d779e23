/** Runs ONNX graphs over direct buffers. The only package that knows ONNX Runtime. */
package io.scanline.server.runtime;
