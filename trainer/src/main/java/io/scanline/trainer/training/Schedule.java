package io.scanline.trainer.training;

/** Learning rate by step: linear from 0 during the warm-up, then a half cosine down to the final rate (Loshchilov and Hutter 2017). */
public record Schedule(double peak, double last, int warmup, int steps) {
    /** The schedule of a recipe. */
    public static Schedule of(Recipe.Training training) {
        return new Schedule(
                training.learningRate(), training.finalLearningRate(), training.warmup(), training.steps());
    }

    /** Learning rate of a step, counted from 0. */
    public double at(int step) {
        if (step < warmup) {
            return peak * (step + 1) / warmup;
        }
        double progress = Math.min(1, (double) (step - warmup) / Math.max(1, steps - warmup));
        return last + (peak - last) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
}
