package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One who moves weights of its own to lower a loss of its own. Most objectives have one player, an adversarial game has
 * two; while one of them moves, the weights of the other stand still.
 *
 * @param name for messages and checkpoints
 * @param weights that it moves
 * @param rate times the learning rate of the recipe
 * @param from first step at which it moves; 0: all
 * @param loss what it lowers
 */
public record Player(String name, List<ParameterSpec> weights, double rate, int from, Loss loss) {
    /** What a player lowers. Used by several threads at once. */
    @FunctionalInterface
    public interface Loss {
        /**
         * As {@link Objective#loss}.
         *
         * @param step steps taken before this one
         */
        Tensor of(TorchOps ops, ImageSet images, Precision precision, long noise, int step);
    }

    /** One that moves at every step and at the recipe's learning rate. */
    public Player(String name, List<ParameterSpec> weights, Loss loss) {
        this(name, weights, 1, 0, loss);
    }

    /** Whether it moves at this step. */
    boolean plays(int step) {
        return step >= from;
    }

    /** All weights, those of the last player first: they start as they would without opponents. */
    static List<ParameterSpec> weights(List<Player> players) {
        List<Player> reversed = new ArrayList<>(players);
        Collections.reverse(reversed);
        return reversed.stream().flatMap(player -> player.weights().stream()).toList();
    }
}
