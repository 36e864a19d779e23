package io.scanline.server.engine;

import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepState;
import java.util.List;

/** For graphs that take many positions of an image in one run, since all its values are known. One image at a time. */
final class SpanLikelihoods implements Likelihoods {
    /** Positions of one run: enough to fill the arithmetic, few enough to notice a cancellation and a deadline soon. */
    private static final int SPAN = 256;

    private final LoadedModel model;
    private final LevelSampler sampler;
    private final StepState state;
    private final StepProgram whole; // SPAN positions, or the image when that is shorter
    private final StepProgram rest; // what the last run of an image takes; null: nothing is left over

    SpanLikelihoods(LoadedModel model) throws GraphException {
        this.model = model;
        this.sampler = new LevelSampler(model.levels());
        this.state = model.graph().newState(1, SPAN);
        int span = Math.min(SPAN, model.steps());
        this.whole = model.graph().newProgram(state, span);
        this.rest = model.steps() % span == 0 ? null : model.graph().newProgram(state, model.steps() % span);
    }

    @Override
    public int atOnce() {
        return 1;
    }

    @Override
    public List<ImageScore> score(List<byte[]> images, int label, float[] condition, Interruption between)
            throws GraphException, EngineException {
        byte[] image = images.get(0);
        ScoreTally tally = new ScoreTally(image);
        for (int from = 0; from < image.length; ) {
            between.check();
            StepProgram program = image.length - from >= whole.span() ? whole : rest;
            program.label()[0] = label;
            program.condition().put(0, condition);
            model.feed().show(program, 0, image, from);
            program.run(1);
            for (int i = 0; i < program.span(); i++) {
                tally.add(sampler, program.logits(), i * model.levels());
            }
            from += program.span();
        }
        return List.of(tally.score());
    }

    @Override
    public void close() {
        whole.close();
        if (rest != null) {
            rest.close();
        }
        state.close();
    }
}
