package io.scanline.server.bench;

import io.scanline.server.engine.ClassSelector;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.PromptOptions;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.SamplingOptions;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Models that are measured, requests to them, and what becomes of the figures. */
final class BenchModels {
    private BenchModels() {}

    /** A model that serves and draws values one after another; an empty name means the first. */
    static ModelInfo drawingValues(ImageEngine engine, String name) throws EngineException {
        if (name.isEmpty()) {
            return engine.models().stream()
                    .filter(model -> model.serving() && drawsValues(model))
                    .findFirst()
                    .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no autoregressive model serves"));
        }
        ModelInfo model = serving(engine, name);
        if (!drawsValues(model)) {
            throw EngineException.of(Reason.MODEL_NOT_FOUND, name + " draws no values that could be measured");
        }
        return model;
    }

    /** A model that serves. */
    static ModelInfo serving(ImageEngine engine, String name) throws EngineException {
        ModelInfo model = engine.model(name, "");
        if (!model.serving()) {
            throw model.failure().orElseThrow();
        }
        return model;
    }

    private static boolean drawsValues(ModelInfo model) {
        return model.autoregressive() && model.codes().isEmpty();
    }

    /** A class, where the model has any. */
    static ClassSelector label(ModelInfo model) {
        return model.bundle().orElseThrow().getConditioning().getClassNamesCount() > 0
                ? new ClassSelector(OptionalInt.of(0), "")
                : ClassSelector.NONE;
    }

    /** Nothing in particular and without guidance, where the model draws what a text says. */
    static PromptOptions prompt(ModelInfo model) {
        return model.prompt().isPresent() ? PromptOptions.of("", 1) : PromptOptions.NONE;
    }

    /** Asks for one image. */
    static GenerationRequest image(ModelInfo model, long seed) {
        return new GenerationRequest(
                model.name(), model.version(), label(model), OptionalLong.of(seed), 1, SamplingOptions.NEUTRAL,
                new byte[0], Long.MAX_VALUE).prompted(prompt(model));
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
