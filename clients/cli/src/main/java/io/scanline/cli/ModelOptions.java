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

    /** The class, if one was given. */
    Optional<ClassLabel> label() {
        return Optional.ofNullable(label).map(ModelOptions::label);
    }

    /** The class; a number of up to nine digits is an index, everything else a name. */
    static ClassLabel label(String given) {
        ClassLabel.Builder chosen = ClassLabel.newBuilder();
        if (given.matches("\\d{1,9}")) {
            chosen.setIndex(Integer.parseInt(given));
        } else {
            chosen.setName(given);
        }
        return chosen.build();
    }
}
