package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.List;

/** One run of one graph on one input. */
final class LookTask extends AnswerTask<float[]> {
    private final LookCodec codec;
    private final Stage stage;
    private final Shown shown;
    private final StageClock clock;
    private float[] found; // of the lane's thread

    /** @param clock counts its run */
    LookTask(LookCodec codec, Stage stage, Shown shown, StageClock clock) {
        super(0, 1, 0, 1, Long.MAX_VALUE);
        this.codec = codec;
        this.stage = stage;
        this.shown = shown;
        this.clock = clock;
    }

    @Override
    Stage first() {
        return stage;
    }

    @Override
    void fill(OneShotCodec ofLane, int slot, int item) {
        codec.put(stage, slot, shown);
    }

    @Override
    void ran(Stage ofLane, long run, long took) {
        clock.ran(run, took);
    }

    @Override
    void take(OneShotCodec ofLane, int slot, int item) throws GraphException {
        found = codec.answer(stage, slot);
    }

    @Override
    List<float[]> results() {
        return List.of(found);
    }
}
