package io.scanline.cli;

import io.scanline.v1.ClassLabel;
import io.scanline.v1.ModelSelector;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model and which of its classes. */
final class ModelOptions {
    @Mixin
    private ModelName model;

    @Option(
            names = "--class",
            paramLabel = "C",
            description = "Name or index of the class. Models that know classes need one.")
    private String label;

    ModelSelector selector() {
        return model.selector();
    }

    /** The class; a number of up to nine digits is an index, everything else a name. */
    Optional<ClassLabel> label() {
        if (label == null) {
            return Optional.empty();
        }
        ClassLabel.Builder chosen = ClassLabel.newBuilder();
        if (label.matches("\\d{1,9}")) {
            chosen.setIndex(Integer.parseInt(label));
        } else {
            chosen.setName(label);
        }
        return Optional.of(chosen.build());
    }
}
