package io.scanline.server.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.scanline.contract.TextTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** Turns texts into the token ids of a bundle, and tells which of them mean nothing to its model. Safe for any thread. */
final class PromptReader implements AutoCloseable {
    private final TextTokenizer tokenizer;
    private final OptionalInt unknown;

    private PromptReader(TextTokenizer tokenizer, OptionalInt unknown) {
        this.tokenizer = tokenizer;
        this.unknown = unknown;
    }

    /** @throws EngineException BUNDLE_TOKENIZER_INVALID */
    static PromptReader of(VerifiedBundle verified) throws EngineException {
        String file = verified.bundle().getTextInput().getTokenizer();
        byte[] json = verified.files().get(file);
        try {
            OptionalInt unknown = unknownId(new String(json, StandardCharsets.UTF_8));
            return new PromptReader(TextTokenizer.read(json, verified.bundle().getTextInput()), unknown);
        } catch (IOException | RuntimeException broken) {
            throw EngineException.caused(
                    Reason.BUNDLE_TOKENIZER_INVALID, file + " is not a tokenizer.json that can be read", broken);
        }
    }

    /** The id that a tokenizer.json gives to what it does not know; empty: it knows every byte, or leaves it out. */
    static OptionalInt unknownId(String json) throws InvalidProtocolBufferException {
        Struct.Builder file = Struct.newBuilder();
        JsonFormat.parser().merge(json, file);
        Struct model = file.getFieldsOrDefault("model", Value.getDefaultInstance()).getStructValue();
        Value id = model.getFieldsOrDefault("unk_id", Value.getDefaultInstance()); // of a model of kind Unigram
        if (!id.hasNumberValue()) {
            String token = model.getFieldsOrDefault("unk_token", Value.getDefaultInstance()).getStringValue();
            id = model.getFieldsOrDefault("vocab", Value.getDefaultInstance())
                    .getStructValue()
                    .getFieldsOrDefault(token, Value.getDefaultInstance());
        }
        return id.hasNumberValue() ? OptionalInt.of((int) id.getNumberValue()) : OptionalInt.empty();
    }

    /**
     * The ids of a text, special ones included, filling left out.
     *
     * @throws TextTokenizer.TooLong when they are more than the model takes
     */
    int[] ids(String text) {
        return tokenizer.ids(text);
    }

    /** How many of these ids stand for what the model does not know. */
    int unknown(int[] ids) {
        return unknown.isEmpty() ? 0 : (int) Arrays.stream(ids).filter(id -> id == unknown.getAsInt()).count();
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
