package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/** Checks requests against one model. Fields are named as in scanline.v1. */
final class RequestChecks {
    private static final float MAX_TEMPERATURE = 10;

    private final int maxImages;
    private final int maxGuidedImages; // which take two slots each
    private final ValueGrid drawn;
    private final ValueGrid image;
    private final List<String> classNames;
    private final PromptChecks prompts;
    private final List<String> precisions;

    /** Of a model that reads no texts. */
    RequestChecks(Bundle bundle, EngineConfig config) {
        this(bundle, config, PromptChecks.READS_NONE);
    }

    RequestChecks(Bundle bundle, EngineConfig config, PromptChecks prompts) {
        this.prompts = prompts;
        this.precisions = config.precisions().order(bundle);
        // More images than slots and queue can hold together could never be admitted.
        int queue = Math.min(config.maxQueuedImages(), config.scheduling().maxQueuedPerClient());
        this.maxImages = (int) Math.min(config.maxImagesPerRequest(), (long) config.slots() + queue);
        this.maxGuidedImages = (int) Math.min(config.maxImagesPerRequest(), (long) config.slots() / 2 + queue);
        this.drawn = ValueGrid.drawn(bundle);
        this.image = ValueGrid.image(bundle);
        this.classNames = bundle.getConditioning().getClassNamesList();
    }

    CheckedRequest check(GenerationRequest request) throws EngineException {
        int label = label(request.label());
        Optional<CheckedPrompt> prompt = prompts.check(request.prompt());
        int most = prompt.isPresent() && prompt.get().guided() ? maxGuidedImages : maxImages;
        if (request.count() < 1 || request.count() > most) {
            throw EngineException.field(
                    Reason.COUNT_OUT_OF_RANGE,
                    "count",
                    "count is " + Integer.toUnsignedString(request.count()) + "; it must be 1 to " + most);
        }
        checkSampling(request.sampling());
        Given given = GivenChecks.given(request, drawn);
        if (request.bestOf().isPresent()) {
            checkBestOf(request.bestOf().get(), request.count());
        }
        String precision = precision(request.precision());
        deadline(request.deadlineNanos());
        long seed = request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
        return new CheckedRequest(
                label, seed, request.count(), request.sampling(), given, request.bestOf(), request.deadlineNanos(),
                request.precedence(), prompt, precision);
    }

    private static void checkBestOf(BestOf rule, int count) throws EngineException {
        if (rule.keep() < 1 || rule.keep() > count) {
            throw EngineException.field(
                    Reason.KEEP_OUT_OF_RANGE,
                    "best_of.keep",
                    "best_of.keep is " + Integer.toUnsignedString(rule.keep()) + "; it must be 1 to count, which is "
                            + count);
        }
        if (!(rule.marginNats() >= 0)) { // also refuses NaN
            throw EngineException.field(
                    Reason.MARGIN_OUT_OF_RANGE,
                    "best_of.margin_nats",
                    "best_of.margin_nats is " + rule.marginNats() + "; it must be at least 0");
        }
    }

    /** Checks a request for exact likelihoods and returns its class index. */
    int check(ScoreRequest request) throws EngineException {
        int label = label(request.label());
        images(request.images());
        if (request.importanceSamples().isPresent()) {
            throw EngineException.field(
                    Reason.FIELD_NOT_SUPPORTED,
                    "importance_samples",
                    "the model's likelihood is exact; leave importance_samples out");
        }
        deadline(request.deadlineNanos());
        return label;
    }

    /**
     * Checks the field "precision".
     *
     * @return the one to use; empty: the model takes no steps
     */
    String precision(String asked) throws EngineException {
        if (asked.isEmpty()) {
            return precisions.isEmpty() ? "" : precisions.get(0);
        }
        if (precisions.isEmpty()) {
            throw EngineException.field(
                    Reason.FIELD_NOT_SUPPORTED, "precision", "the model takes no steps; leave precision out");
        }
        if (!precisions.contains(asked)) {
            throw EngineException.field(
                    Reason.PRECISION_NOT_FOUND,
                    "precision",
                    "the model's steps are not there in this precision; there is " + String.join(", ", precisions));
        }
        return asked;
    }

    /** Checks the text that images are scored under; empty of a model that reads none. */
    Optional<CheckedPrompt> prompt(ScoreRequest request) throws EngineException {
        return prompts.check(request.prompt());
    }

    /** Checks the field "images": how many, and each of them. */
    void images(List<byte[]> images) throws EngineException {
        count("images", images.size());
        for (int i = 0; i < images.size(); i++) {
            image("images[" + i + "]", images.get(i));
        }
    }

    /** Checks how many things a repeated field holds. */
    void count(String field, int count) throws EngineException {
        if (count == 0) {
            throw EngineException.field(Reason.FIELD_REQUIRED, field, field + " is empty");
        }
        if (count > maxImages) {
            throw EngineException.field(
                    Reason.COUNT_OUT_OF_RANGE,
                    field,
                    "there are " + count + " " + field + "; one request may have " + maxImages);
        }
    }

    /** Checks that a field holds a whole image. */
    void image(String field, byte[] given) throws EngineException {
        image(field, given, image);
    }

    /** Checks that a field holds a whole image of this shape. */
    static void image(String field, byte[] given, ValueGrid image) throws EngineException {
        if (given.length != image.values()) {
            throw EngineException.field(
                    Reason.IMAGE_SIZE_MISMATCH,
                    field,
                    field + " has " + given.length + " values; an image of the model has " + image.values());
        }
        checkValues(field, given, image);
    }

    /** Checks the field "label" and returns the class index; 0 for a model without classes. */
    int label(ClassSelector selector) throws EngineException {
        if (classNames.isEmpty()) {
            if (!selector.isEmpty()) {
                throw EngineException.field(
                        Reason.CLASS_NOT_SUPPORTED, "label", "the model has no classes; leave label out");
            }
            return 0;
        }
        if (selector.isEmpty()) {
            throw EngineException.field(Reason.CLASS_REQUIRED, "label", "the model draws classes; say which one");
        }
        int index = selector.index().orElse(0);
        if (index < 0 || index >= classNames.size()) {
            throw EngineException.field(
                    Reason.CLASS_NOT_FOUND,
                    "label.index",
                    "there is no class " + Integer.toUnsignedString(index) + "; the last one is "
                            + (classNames.size() - 1));
        }
        if (selector.name().isEmpty()) {
            return index;
        }
        int named = indexOf(selector.name());
        if (selector.index().equals(OptionalInt.empty()) || named == index) {
            return named;
        }
        throw EngineException.field(
                Reason.CLASS_MISMATCH,
                "label.name",
                "label.index " + index + " is \"" + classNames.get(index) + "\", label.name is class " + named);
    }

    private int indexOf(String name) throws EngineException {
        for (int i = 0; i < classNames.size(); i++) {
            if (classNames.get(i).equalsIgnoreCase(name)) {
                return i;
            }
        }
        throw EngineException.field(Reason.CLASS_NOT_FOUND, "label.name", "the model has no class of this name");
    }

    static void checkSampling(SamplingOptions sampling) throws EngineException {
        float temperature = sampling.temperature();
        if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) { // also refuses NaN
            throw EngineException.field(
                    Reason.TEMPERATURE_OUT_OF_RANGE,
                    "sampling.temperature",
                    "sampling.temperature is " + temperature + "; it must be 0 to 10");
        }
        if (sampling.topK() < 0) {
            throw EngineException.field(
                    Reason.TOP_K_OUT_OF_RANGE,
                    "sampling.top_k",
                    "sampling.top_k is " + Integer.toUnsignedString(sampling.topK()) + "; it must be 0 to "
                            + Integer.MAX_VALUE);
        }
        if (!(sampling.topP() > 0 && sampling.topP() <= 1)) {
            throw EngineException.field(
                    Reason.TOP_P_OUT_OF_RANGE,
                    "sampling.top_p",
                    "sampling.top_p is " + sampling.topP() + "; it must be above 0 and at most 1");
        }
    }

    static void checkValues(String field, byte[] values, ValueGrid grid) throws EngineException {
        for (int i = 0; i < values.length; i++) {
            if ((values[i] & 0xFF) >= grid.levels()) {
                throw EngineException.field(
                        Reason.VALUE_OUT_OF_RANGE,
                        field,
                        "value " + i + " of " + field + " is " + (values[i] & 0xFF) + "; the highest level is "
                                + (grid.levels() - 1));
            }
        }
    }

    static void deadline(long deadlineNanos) throws EngineException {
        if (Deadline.passed(deadlineNanos, System.nanoTime())) {
            throw Deadline.exceeded();
        }
    }
}
