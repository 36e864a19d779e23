package io.scanline.trainer.ops;

import ai.onnxruntime.platform.Fp16Conversions;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.trainer.onnx.ModelProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/** The parameters in an ONNX model that {@link OnnxOps} wrote: what it stored in half precision stays rounded so. */
public final class OnnxParameters {
    private OnnxParameters() {}

    /**
     * Reads them.
     *
     * @param model content of an ONNX file
     * @return numbers by the names of the network's specification; none when the file is of other making
     * @throws InvalidProtocolBufferException when it is no ONNX file
     */
    public static Map<String, OnnxOps.Values> read(byte[] model) throws InvalidProtocolBufferException {
        Map<String, OnnxOps.Values> parameters = new LinkedHashMap<>();
        for (TensorProto tensor : ModelProto.parseFrom(model).getGraph().getInitializerList()) {
            String name = tensor.getName();
            if (!name.startsWith(OnnxOps.PREFIX)) {
                continue;
            }
            boolean half = tensor.getDataType() == DataType.FLOAT16_VALUE;
            int end = half ? name.length() - OnnxGraph.HALF.length() : name.length();
            parameters.put(name.substring(OnnxOps.PREFIX.length(), end), values(tensor, half));
        }
        return parameters;
    }

    private static OnnxOps.Values values(TensorProto tensor, boolean half) {
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[raw.remaining() / (half ? Short.BYTES : Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = half ? Fp16Conversions.fp16ToFloat(raw.getShort()) : raw.getFloat();
        }
        return new OnnxOps.Values(
                tensor.getDimsList().stream().mapToLong(Long::longValue).toArray(), values);
    }
}
