package io.scanline.server.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Writes small ONNX files: an onnx.ModelProto by the numbers of its fields, opset 17. */
final class OnnxModel {
    static final int FLOAT = 1;
    static final int UINT8 = 2;
    static final int INT32 = 6;
    static final int INT64 = 7;
    static final int BOOL = 9;
    static final int FLOAT16 = 10;

    private final UnknownFieldSet.Builder graph = UnknownFieldSet.newBuilder();

    /** A side of -1 is open. */
    OnnxModel input(String name, int type, int... shape) {
        return add(11, value(name, type, shape));
    }

    OnnxModel output(String name, int type, int... shape) {
        return add(12, value(name, type, shape));
    }

    /** One node; its inputs are separated by spaces, and its outputs where there are several. */
    OnnxModel node(String operator, String inputs, String output) {
        return node(operator, inputs, output, UnknownFieldSet.getDefaultInstance());
    }

    /** One node with an attribute of integers. */
    OnnxModel node(String operator, String inputs, String output, String attribute, int... values) {
        Field.Builder integers = Field.newBuilder();
        for (int value : values) {
            integers.addVarint(value);
        }
        return node(operator, inputs, output, UnknownFieldSet.newBuilder()
                .addField(1, text(attribute)).addField(8, integers.build()).addField(20, number(7)).build());
    }

    /** One node with an attribute that is one integer. */
    OnnxModel nodeOf(String operator, String inputs, String output, String attribute, int value) {
        return node(operator, inputs, output, UnknownFieldSet.newBuilder()
                .addField(1, text(attribute)).addField(3, number(value)).addField(20, number(2)).build());
    }

    /** A loop: its body is shown the number of the round and a condition before what it carries. */
    OnnxModel loop(String inputs, String outputs, OnnxModel body) {
        return node("Loop", inputs, outputs, UnknownFieldSet.newBuilder()
                .addField(1, text("body"))
                .addField(6, message(body.graph.mergeField(2, text("body")).build()))
                .addField(20, number(5))
                .build());
    }

    private OnnxModel node(String operator, String inputs, String outputs, UnknownFieldSet attribute) {
        UnknownFieldSet.Builder node = UnknownFieldSet.newBuilder();
        node.addField(1, names(inputs)).addField(2, names(outputs)).addField(4, text(operator));
        if (!attribute.asMap().isEmpty()) {
            node.addField(5, message(attribute));
        }
        return add(1, node.build());
    }

    private static Field names(String separated) {
        Field.Builder names = Field.newBuilder();
        for (String name : separated.split(" ")) {
            names.addLengthDelimited(ByteString.copyFromUtf8(name));
        }
        return names.build();
    }

    OnnxModel floats(String name, int[] shape, float... numbers) {
        ByteBuffer raw = ByteBuffer.allocate(numbers.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(numbers);
        return tensor(name, FLOAT, shape, raw.array());
    }

    /** Numbers between -1 and 1. */
    OnnxModel weights(String name, int seed, int rows, int columns) {
        Random random = new Random(seed);
        float[] numbers = new float[rows * columns];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = 2 * random.nextFloat() - 1;
        }
        return floats(name, new int[] {rows, columns}, numbers);
    }

    OnnxModel integers(String name, long... numbers) {
        ByteBuffer raw = ByteBuffer.allocate(numbers.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(numbers);
        return tensor(name, INT64, new int[] {numbers.length}, raw.array());
    }

    /** A single number without axes. */
    OnnxModel integer(String name, long number) {
        ByteBuffer raw = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number);
        return tensor(name, INT64, new int[0], raw.array());
    }

    private OnnxModel tensor(String name, int type, int[] shape, byte[] raw) {
        Field.Builder sides = Field.newBuilder();
        for (int side : shape) {
            sides.addVarint(side);
        }
        return add(5, UnknownFieldSet.newBuilder()
                .addField(1, sides.build()).addField(2, number(type)).addField(8, text(name))
                .addField(9, Field.newBuilder().addLengthDelimited(ByteString.copyFrom(raw)).build())
                .build());
    }

    private static UnknownFieldSet value(String name, int type, int... shape) {
        UnknownFieldSet.Builder sides = UnknownFieldSet.newBuilder();
        Field.Builder each = Field.newBuilder();
        for (int axis = 0; axis < shape.length; axis++) {
            UnknownFieldSet.Builder dimension = UnknownFieldSet.newBuilder();
            int side = shape[axis];
            String open = axis == 0 ? "items" : name + "_" + axis; // those of one name are of one size
            dimension.addField(side < 0 ? 2 : 1, side < 0 ? text(open) : number(side));
            each.addLengthDelimited(dimension.build().toByteString());
        }
        sides.addField(1, each.build());
        UnknownFieldSet tensor = UnknownFieldSet.newBuilder()
                .addField(1, number(type)).addField(2, message(sides.build())).build();
        return UnknownFieldSet.newBuilder()
                .addField(1, text(name))
                .addField(2, message(UnknownFieldSet.newBuilder().addField(1, message(tensor)).build()))
                .build();
    }

    byte[] bytes() {
        UnknownFieldSet opset = UnknownFieldSet.newBuilder().addField(2, number(17)).build();
        return UnknownFieldSet.newBuilder()
                .addField(1, number(8))
                .addField(7, message(graph.mergeField(2, text("graph")).build()))
                .addField(8, message(opset))
                .build()
                .toByteArray();
    }

    private OnnxModel add(int field, UnknownFieldSet message) {
        graph.mergeField(field, message(message));
        return this;
    }

    private static Field message(UnknownFieldSet message) {
        return Field.newBuilder().addLengthDelimited(message.toByteString()).build();
    }

    private static Field text(String text) {
        return Field.newBuilder().addLengthDelimited(ByteString.copyFromUtf8(text)).build();
    }

    private static Field number(long number) {
        return Field.newBuilder().addVarint(number).build();
    }
}
