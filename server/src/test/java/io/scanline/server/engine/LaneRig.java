package io.scanline.server.engine;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Offset;
import io.scanline.bundle.v1.Order;
import io.scanline.server.runtime.GraphException;
import java.util.Optional;

/** A decode lane over a {@link HistoryProgram}: images of 4 x 3 pixels with 5 levels, ten classes. */
final class LaneRig implements AutoCloseable {
    static final int STEPS = 12;
    static final int LEVELS = 5;
    static final Bundle BUNDLE = Bundle.newBuilder()
            .setName("rig")
            .setVersion("1")
            .setGeometry(ImageGeometry.newBuilder()
                    .setWidth(4)
                    .setHeight(3)
                    .setChannels(1)
                    .setLevels(LEVELS)
                    .setLevelValues(ByteString.copyFrom(new byte[] {0, 50, 100, 127, -1})))
            .setAutoregression(Autoregression.newBuilder()
                    .setOrder(Order.ORDER_RASTER)
                    .setSteps(STEPS)
                    .addContext(Offset.newBuilder().setColumns(-1))
                    .addContext(Offset.newBuilder().setRows(-1)))
            .setConditioning(Conditioning.newBuilder()
                    .addClassNames("Zero").addClassNames("One").addClassNames("Two").addClassNames("Three")
                    .addClassNames("Four").addClassNames("Five").addClassNames("Six").addClassNames("Seven")
                    .addClassNames("Eight").addClassNames("Nine"))
            .build();

    private final HistoryProgram program;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OpenWork work = new OpenWork();
    private final LoadedPrompts prompts;
    private final PromptLane promptLane;
    private final DecodeLane lane;

    /** @param stepNanos what admission believes a step takes */
    LaneRig(int slots, int maxQueued, boolean gated, long stepNanos) {
        this(slots, maxQueued, Scheduling.equal(), gated, stepNanos);
    }

    /** @param stepNanos what admission believes a step takes */
    LaneRig(int slots, int maxQueued, Scheduling scheduling, boolean gated, long stepNanos) {
        this(slots, maxQueued, scheduling, gated, stepNanos, null);
    }

    /** Of a model that draws texts, which these prompts read; they are not closed. */
    static LaneRig reading(int slots, int maxQueued, boolean gated, LoadedPrompts prompts) {
        return new LaneRig(slots, maxQueued, Scheduling.equal(), gated, 1000, prompts);
    }

    private LaneRig(
            int slots, int maxQueued, Scheduling scheduling, boolean gated, long stepNanos, LoadedPrompts prompts) {
        this.prompts = prompts;
        try {
            promptLane = prompts == null ? null : new PromptLane(prompts, "rig");
        } catch (GraphException broken) {
            throw new IllegalStateException(broken);
        }
        int conditionSize = prompts == null ? 0 : prompts.empty().length;
        program = new HistoryProgram(slots + 1, STEPS, LEVELS, 2, gated, conditionSize);
        ModelInfo info = new ModelInfo("rig", "1", Optional.of(BUNDLE), "sha256:00", Optional.empty(), slots);
        lane = new DecodeLane(
                info,
                new StepDecoder(new StepFeed(BUNDLE), program),
                new StepTimes(slots, stepNanos, stepNanos),
                maxQueued,
                scheduling,
                new ModelMetrics(meters, "rig", "1"),
                work,
                promptLane);
        lane.start();
    }

    HistoryProgram program() {
        return program;
    }

    DecodeLane lane() {
        return lane;
    }

    OpenWork work() {
        return work;
    }

    SimpleMeterRegistry meters() {
        return meters;
    }

    static CheckedRequest request(int label, long seed, int count, int... prefix) {
        return request(label, seed, count, Long.MAX_VALUE, prefix);
    }

    static CheckedRequest request(int label, long seed, int count, long deadlineNanos, int... prefix) {
        byte[] given = new byte[prefix.length];
        for (int i = 0; i < prefix.length; i++) {
            given[i] = (byte) prefix[i];
        }
        return request(label, seed, count, Given.prefix(given), Optional.empty(), deadlineNanos);
    }

    static CheckedRequest request(
            int label, long seed, int count, Given given, Optional<BestOf> bestOf, long deadlineNanos) {
        return request(label, seed, count, given, bestOf, deadlineNanos, Precedence.ORDINARY);
    }

    static CheckedRequest request(String client, Priority priority, int label, int count) {
        return request(
                label, label, count, Given.NOTHING, Optional.empty(), Long.MAX_VALUE,
                new Precedence(client, priority));
    }

    static CheckedRequest request(
            int label, long seed, int count, Given given, Optional<BestOf> bestOf, long deadlineNanos,
            Precedence precedence) {
        return new CheckedRequest(
                label, seed, count, SamplingOptions.NEUTRAL, given, bestOf, deadlineNanos, precedence);
    }

    /** The same request of a text. */
    static CheckedRequest prompted(CheckedRequest request, CheckedPrompt prompt) {
        return new CheckedRequest(
                request.label(), request.seed(), request.count(), request.sampling(), request.given(),
                request.bestOf(), request.deadlineNanos(), request.precedence(), Optional.of(prompt));
    }

    PromptLane promptLane() {
        return promptLane;
    }

    GenerationTask submit(CheckedRequest request) throws EngineException {
        return lane.submit(request, () -> {});
    }

    /** What the lane must make of an image, whoever is served beside it. */
    static SequentialImage expected(CheckedRequest request, int index) throws GraphException {
        try (HistoryProgram alone = new HistoryProgram(1, STEPS, LEVELS, 2, false)) {
            return SequentialImage.of(alone, new StepFeed(BUNDLE), ValueGrid.drawn(BUNDLE), request, index);
        }
    }

    /** The same of an image that draws a text. */
    SequentialImage expectedOfText(CheckedRequest request, int index) throws GraphException {
        int size = prompts.empty().length;
        try (HistoryProgram alone = new HistoryProgram(2, STEPS, LEVELS, 2, false, size);
                TextConditioner conditioner = prompts.newConditioner()) {
            return SequentialImage.of(
                    alone, new StepFeed(BUNDLE), ValueGrid.drawn(BUNDLE), request, index,
                    conditioner.condition(request.prompt().orElseThrow().ids()), prompts.empty());
        }
    }

    /** Waits until so many runs were begun. */
    void awaitRun(int number) {
        Await.until("run " + number + " is begun", () -> program.labelsOfRuns().size() >= number);
    }

    @Override
    public void close() {
        program.permit(1_000_000);
        lane.close();
        if (promptLane != null) {
            promptLane.close();
        }
    }
}
