package io.scanline.cli;

import io.scanline.v1.ModelSelector;
import picocli.CommandLine.Option;

/** Which model. */
final class ModelName {
    @Option(
            names = "--model",
            paramLabel = "NAME[/VERSION]",
            required = true,
            description = "The model, as 'scanline models' lists it; without a version the highest that is serving.")
    private String model;

    ModelSelector selector() {
        int slash = model.indexOf('/');
        return slash < 0
                ? ModelSelector.newBuilder().setName(model).build()
                : ModelSelector.newBuilder()
                        .setName(model.substring(0, slash))
                        .setVersion(model.substring(slash + 1))
                        .build();
    }
}
