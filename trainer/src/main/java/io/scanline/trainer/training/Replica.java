package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** One worker's copy of the weights, and its share of every step. */
final class Replica {
    private final Objective objective;
    private final Parameters parameters;
    private final Map<String, TensorVector> moved = new HashMap<>();

    Replica(Objective objective, Parameters parameters) {
        this.objective = objective;
        this.parameters = parameters.withGradients();
        objective.players().forEach(
                player -> moved.put(player.name(), parameters.part(player.weights()).vector(spec -> true)));
    }

    Parameters parameters() {
        return parameters;
    }

    /**
     * Gradients of a player's loss on these images, which is returned.
     *
     * @param player one of the objective's
     * @param step steps taken before this one
     */
    double accumulate(Player player, int step, ImageSet images, Precision precision, long noise) {
        try (PointerScope scope = new PointerScope()) {
            parameters.withGradients(false);
            parameters.part(player.weights()).withGradients();
            TensorVector tensors = moved.get(player.name());
            for (long i = 0; i < tensors.size(); i++) {
                Tensor gradient = tensors.get(i).mutable_grad();
                if (gradient.defined()) {
                    gradient.zero_();
                }
            }
            Tensor loss = player.loss().of(ops(), images, precision, noise, step);
            loss.backward();
            return loss.item_double();
        }
    }

    /** How many images {@link #evaluate} is to be asked for at once. */
    int evaluationBatch() {
        return objective.evaluationBatch();
    }

    /** The objective's loss on these images in single precision, without gradients. */
    double evaluate(ImageSet images, long noise) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return objective.loss(ops(), images, Precision.FP32, noise).item_double();
        }
    }

    private TorchOps ops() {
        return new TorchOps(parameters.tensors());
    }

    /**
     * Adds the gradients of other replicas to these and divides by their number: the gradient of the whole batch. Weights
     * that the loss does not use have none.
     */
    void average(Player player, List<Replica> others) {
        TensorVector tensors = moved.get(player.name());
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            for (long i = 0; i < tensors.size(); i++) {
                Tensor gradient = tensors.get(i).mutable_grad();
                if (gradient.defined()) {
                    for (Replica other : others) {
                        gradient.add_(other.moved.get(player.name()).get(i).grad());
                    }
                    gradient.div_(new Scalar(1.0 + others.size()));
                }
            }
        }
    }
}
