package io.scanline.trainer.cli;

import io.scanline.trainer.data.Holdout;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.report.LossPlot;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.LossCurve;
import io.scanline.trainer.training.MachineSettings;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.RunDirectory;
import io.scanline.trainer.training.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Shows a training: what it is, how far it is, its losses as a picture, and what can be done with the result. */
final class TrainingView implements TrainingRun.Listener, AutoCloseable {
    private static final String PLOT = "loss.png";
    /** Share of the shown loss that is kept from step to step: single batches scatter. */
    private static final double SMOOTHING = 0.95;

    private final Recipe recipe;
    private final TrainingRun run;
    private final RunDirectory directory;
    private final PrintWriter out;
    private final boolean likelihood;
    private final Optional<CountedFloor> floor;
    private ProgressBar bar;
    private double loss = Double.NaN;
    private double opposing = Double.NaN;
    private double validation = Double.NaN;

    TrainingView(Recipe recipe, TrainingRun run, RunDirectory directory, PrintWriter out) {
        this.recipe = recipe;
        this.run = run;
        this.directory = directory;
        this.out = out;
        Holdout images = run.images();
        this.likelihood = run.objective().likelihood();
        this.floor = !likelihood || images.validation().size() == 0
                ? Optional.empty()
                : Optional.of(CountedFloor.lowest(images.training(), images.validation()));
    }

    /** Says what is going to be trained, up to which step. */
    void begin(long parameters, MachineSettings settings, int processes, int end) {
        line(
                "%s: %,d parameters, %,d training images, %d steps of %d images, %s%d workers, %s",
                recipe.name(),
                parameters,
                run.images().training().size(),
                recipe.training().steps(),
                recipe.training().batch(),
                processes == 1 ? "" : processes + " processes of ",
                settings.workers(),
                settings.precision().name().toLowerCase(Locale.ROOT));
        floor.ifPresent(counted -> line(
                "validation: %d images held back; %s gives %.4f bits/dim on them",
                run.images().validation().size(), counted.name(), counted.likelihood().bitsPerDim()));
        int start = run.progress().step();
        if (start > 0) {
            line("going on after step %d", start);
        }
        if (start < end) {
            bar = ProgressBar.onStandardError("train", "steps", start, end);
        }
    }

    @Override
    public void stepped(LossCurve.Point point) throws IOException {
        loss = Double.isNaN(loss) ? point.training() : SMOOTHING * loss + (1 - SMOOTHING) * point.training();
        if (!Double.isNaN(point.validation())) {
            validation = point.validation();
        }
        String detail = String.format(Locale.ROOT, "loss %.4f%s", shown(loss), unit());
        if (!Double.isNaN(point.opposing())) {
            opposing = Double.isNaN(opposing)
                    ? point.opposing()
                    : SMOOTHING * opposing + (1 - SMOOTHING) * point.opposing();
            detail += String.format(Locale.ROOT, ", opponent %.4f", opposing);
        }
        if (!Double.isNaN(validation)) {
            detail += String.format(Locale.ROOT, ", validation %.4f", shown(validation));
        }
        bar.update(point.step() + 1, detail);
        if (!Double.isNaN(point.validation())) {
            plot();
        }
    }

    /** Says what the training gave and what can be done with it. */
    void end() throws IOException {
        close();
        plot();
        int step = run.progress().step();
        List<LossCurve.Point> validated =
                run.curve().read().stream().filter(point -> !Double.isNaN(point.validation())).toList();
        if (!validated.isEmpty()) {
            LossCurve.Point last = validated.get(validated.size() - 1);
            line("validation after step %d: %.4f%s", last.step() + 1, shown(last.validation()), unit());
        }
        line("checkpoint after step %d: %s", step, directory.checkpoint());
        line("losses: %s", directory.path().resolve(PLOT));
        if (step < recipe.training().steps()) {
            line("next: the same command without --steps goes on to step %d", recipe.training().steps());
        } else {
            line("next: java -jar trainer/target/scanline-trainer.jar export %s", directory.path());
        }
    }

    private void plot() throws IOException {
        List<LossCurve.Point> points = run.curve().read();
        List<LossCurve.Point> validated =
                points.stream().filter(point -> !Double.isNaN(point.validation())).toList();
        LossPlot plot = new LossPlot(recipe.name())
                .training(steps(points), shown(points, LossCurve.Point::training));
        if (!likelihood) {
            plot.unit("loss", "0.0000");
        }
        if (!validated.isEmpty()) {
            plot.validation(steps(validated), shown(validated, LossCurve.Point::validation));
        }
        floor.ifPresent(counted -> plot.floor(counted.name(), counted.likelihood().bitsPerDim()));
        plot.write(directory.path().resolve(PLOT));
    }

    private static double[] steps(List<LossCurve.Point> points) {
        return points.stream().mapToDouble(point -> point.step() + 1).toArray();
    }

    private double[] shown(List<LossCurve.Point> points, ToDoubleFunction<LossCurve.Point> loss) {
        return points.stream().mapToDouble(loss).map(this::shown).toArray();
    }

    /** Nats of a value as bits; what is no likelihood as it is. */
    private double shown(double loss) {
        return likelihood ? Likelihood.bitsPerDim(loss, 1) : loss;
    }

    private String unit() {
        return likelihood ? " bits/dim" : "";
    }

    private void line(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
