package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.clip_grad_norm_;

import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.TensorVector;

/** AdamW over two groups, with and without weight decay, after clipping the norm of all gradients together. */
final class Optimiser {
    private static final String NAME = "optimiser";

    private final String name;
    private final TensorVector all;
    private final List<AdamW> groups;
    private final Recipe.Training training;

    Optimiser(Parameters parameters, Recipe.Training training) {
        this(NAME, parameters, training);
    }

    /** @param name in checkpoints */
    private Optimiser(String name, Parameters parameters, Recipe.Training training) {
        this.name = name;
        this.training = training;
        this.all = parameters.vector(ParameterSpec::descends);
        this.groups = List.of(
                new AdamW(parameters.vector(ParameterSpec::decay), options(training.weightDecay())),
                new AdamW(parameters.vector(spec -> spec.descends() && !spec.decay()), options(0)));
    }

    /** One for each player; the last, who moves the network, has the name that it has when it plays alone. */
    static List<Optimiser> of(List<Player> players, Parameters weights, Recipe.Training training) {
        return IntStream.range(0, players.size())
                .mapToObj(i -> new Optimiser(
                        i == players.size() - 1 ? NAME : players.get(i).name() + "_" + NAME,
                        weights.part(players.get(i).weights()),
                        training))
                .toList();
    }

    private AdamWOptions options(double weightDecay) {
        AdamWOptions options = new AdamWOptions(training.learningRate());
        setBetas(options);
        options.weight_decay().put(weightDecay);
        return options;
    }

    /** A std::tuple in memory: some C++ libraries put its last element first, as the defaults, 0.9 and 0.999, tell. */
    private void setBetas(AdamWOptions options) {
        DoublePointer defaults = new AdamWOptions(training.learningRate()).betas();
        boolean reversed = defaults.get(0) > defaults.get(1);
        options.betas().put(reversed ? 1L : 0L, training.betas().get(0));
        options.betas().put(reversed ? 0L : 1L, training.betas().get(1));
    }

    /** One step; returns the norm of the gradient before clipping. */
    double step(double learningRate) {
        try (PointerScope scope = new PointerScope()) {
            double norm = clip_grad_norm_(all, training.clip());
            for (AdamW group : groups) {
                group.param_groups().get(0).options().set_lr(learningRate);
                group.step();
            }
            return norm;
        }
    }

    void save(OutputArchive archive) {
        for (int i = 0; i < groups.size(); i++) {
            OutputArchive part = new OutputArchive(archive.compilation_unit());
            groups.get(i).save(part);
            archive.write(name + i, part);
        }
    }

    void load(InputArchive archive) {
        for (int i = 0; i < groups.size(); i++) {
            InputArchive part = new InputArchive();
            archive.read(name + i, part);
            groups.get(i).load(part);
            // Archives hold options too; those of the recipe count.
            setBetas(new AdamWOptions(groups.get(i).param_groups().get(0).options()));
        }
    }
}
