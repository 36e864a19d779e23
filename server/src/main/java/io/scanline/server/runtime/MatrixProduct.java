package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One product of two square matrices by ONNX Runtime, with the options of {@link StepGraph}: the most arithmetic that a
 * step could do in a time.
 */
public final class MatrixProduct implements AutoCloseable {
    private static final int SIZE = 768;

    private final Tensors tensors;
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    /** Makes the graph and its session. */
    public MatrixProduct(int threads) throws GraphException {
        this(Compute.cpu(threads));
    }

    /** The same, on any device. */
    MatrixProduct(Compute compute) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        tensors = new Tensors(environment);
        session = StepSessions.session(environment, graph(), compute);
        try {
            inputs = Map.of("a", matrix(), "b", matrix());
            outputs = Map.of("c", matrix());
        } catch (OrtException refused) {
            close();
            throw new GraphException("ONNX Runtime refused the tensors of a matrix product", refused);
        }
    }

    private OnnxTensor matrix() throws OrtException, GraphException {
        return tensors.over(Tensors.floats((long) SIZE * SIZE), SIZE, SIZE);
    }

    /** Computes it; returns multiplications and additions a second. */
    public double operationsPerSecond() throws GraphException {
        long begun = System.nanoTime();
        try (OrtSession.Result pinned = session.run(inputs, outputs)) {
            return 2.0 * SIZE * SIZE * SIZE * 1e9 / (System.nanoTime() - begun);
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a matrix product", failed);
        }
    }

    @Override
    public void close() {
        tensors.close();
        try {
            session.close();
        } catch (OrtException impossible) {
            throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
        }
    }

    /** An onnx.ModelProto with one node, c = MatMul(a, b). */
    private static byte[] graph() {
        byte[] node = new Wire().text(1, "a").text(1, "b").text(2, "c").text(4, "MatMul").bytes();
        Wire graph = new Wire().message(1, node).text(2, "product");
        graph.message(11, value("a")).message(11, value("b")).message(12, value("c"));
        byte[] opset = new Wire().number(2, 17).bytes();
        return new Wire().number(1, 8).message(7, graph.bytes()).message(8, opset).bytes();
    }

    /** An onnx.ValueInfoProto of a float matrix. */
    private static byte[] value(String name) {
        byte[] dimension = new Wire().number(1, SIZE).bytes();
        byte[] shape = new Wire().message(1, dimension).message(1, dimension).bytes();
        byte[] tensor = new Wire().number(1, 1).message(2, shape).bytes();
        return new Wire().text(1, name).message(2, new Wire().message(1, tensor).bytes()).bytes();
    }

    /** The wire format of protobuf, as far as the graph needs it: this package knows no messages. */
    private static final class Wire {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Wire number(int field, int value) {
            varint(field << 3);
            varint(value);
            return this;
        }

        Wire message(int field, byte[] content) {
            varint(field << 3 | 2);
            varint(content.length);
            out.writeBytes(content);
            return this;
        }

        Wire text(int field, String text) {
            return message(field, text.getBytes(StandardCharsets.US_ASCII));
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private void varint(int value) {
            int left = value;
            while (left > 0x7F) {
                out.write(left & 0x7F | 0x80);
                left >>>= 7;
            }
            out.write(left);
        }
    }
}
