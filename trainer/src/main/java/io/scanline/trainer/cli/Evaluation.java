package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.Discretiser;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.report.ResultRow;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;

/** What is measured of a kind of model. */
interface Evaluation {
    /**
     * What it is measured on.
     *
     * @param dataSet name of the data set
     * @param levels what made the levels of its images
     * @param all of its images, as the model's levels; of 8 bits for a prior over codes, which encodes them itself
     * @param test those test images that are used
     */
    record Images(String dataSet, Discretiser levels, TrainTest all, ImageSet test) {}

    /** What was found. */
    interface Row {
        /** The figures, the main one first. */
        List<Metric> figures();

        /** For scripts, and for the table of results. */
        ResultRow result() throws IOException;

        /** For people. */
        String text();
    }

    /** The evaluation that suits a bundle; a judge is for models that draw or reconstruct. */
    static Evaluation of(StoredBundle stored, JudgeOptions judge) {
        Bundle bundle = stored.bundle();
        if (bundle.hasClassifier()) {
            return new ClassifierEvaluation();
        }
        if (stored.onlyDraws()) {
            return new GeneratorEvaluation(judge);
        }
        if (!bundle.hasAutoregression()) {
            return new LatentEvaluation(judge);
        }
        return bundle.hasLatent() ? new PriorEvaluation() : new LikelihoodEvaluation();
    }

    /**
     * Measures.
     *
     * @param threads that share the images
     * @param progress told how many images are done, by several threads
     */
    Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception;
}
