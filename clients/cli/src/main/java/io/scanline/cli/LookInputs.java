package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.v1.EmbedInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Pictures and texts for a server to look at. */
final class LookInputs {
    private LookInputs() {}

    /** A picture file, as it is: the server decodes it. */
    static EmbedInput picture(Path file) throws IOException {
        return EmbedInput.newBuilder().setPicture(ByteString.copyFrom(Files.readAllBytes(file))).build();
    }

    static EmbedInput text(String text) {
        return EmbedInput.newBuilder().setText(text).build();
    }

    /** The pictures, and then the texts. */
    static List<EmbedInput> all(List<Path> pictures, List<String> texts) throws IOException {
        List<EmbedInput> inputs = new ArrayList<>();
        for (Path picture : pictures) {
            inputs.add(picture(picture));
        }
        texts.forEach(text -> inputs.add(text(text)));
        return inputs;
    }
}
