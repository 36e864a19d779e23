package io.scanline.server.engine;

import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * For graphs that take one position of an image in a run, whose state is what the position before left: several images
 * step by step, as when they are generated.
 */
final class StepLikelihoods implements Likelihoods {
    private final LoadedModel model;
    private final LevelSampler sampler;
    private final LoadedModel.OwnedProgram decoder;

    /** @param slots images at once */
    StepLikelihoods(LoadedModel model, int slots) throws GraphException {
        this.model = model;
        this.sampler = new LevelSampler(model.levels());
        this.decoder = model.newDecoder(slots);
    }

    @Override
    public int atOnce() {
        return decoder.program().slots();
    }

    @Override
    public List<ImageScore> score(List<byte[]> images, int label, float[] condition, Interruption between)
            throws GraphException, EngineException {
        StepProgram program = decoder.program();
        List<ScoreTally> tallies = new ArrayList<>();
        for (int slot = 0; slot < images.size(); slot++) {
            program.label()[slot] = label;
            program.condition().put(slot * condition.length, condition);
            tallies.add(new ScoreTally(images.get(slot)));
        }
        for (int step = 0; step < model.steps(); step++) {
            between.check();
            for (int slot = 0; slot < images.size(); slot++) {
                model.feed().show(program, slot, images.get(slot), step);
            }
            program.run(images.size());
            for (int slot = 0; slot < images.size(); slot++) {
                tallies.get(slot).add(sampler, program.logits(), slot * model.levels());
            }
        }
        return tallies.stream().map(ScoreTally::score).toList();
    }

    @Override
    public void close() {
        decoder.close();
    }
}
