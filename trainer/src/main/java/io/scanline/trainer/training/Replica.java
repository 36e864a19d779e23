package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** One worker's copy of the weights, and its share of every step. */
final class Replica {
    private final Objective objective;
    private final Parameters parameters;
    private final TensorVector tensors;

    Replica(Objective objective, Parameters parameters) {
        this.objective = objective;
        this.parameters = parameters.withGradients();
        this.tensors = parameters.vector(spec -> true);
    }

    Parameters parameters() {
        return parameters;
    }

    /** Gradients of the objective's loss on these images, which is returned. */
    double accumulate(ImageSet images, Precision precision, long noise) {
        try (PointerScope scope = new PointerScope()) {
            for (long i = 0; i < tensors.size(); i++) {
                Tensor gradient = tensors.get(i).mutable_grad();
                if (gradient.defined()) {
                    gradient.zero_();
                }
            }
            Tensor loss = loss(images, precision, noise);
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
            return loss(images, Precision.FP32, noise).item_double();
        }
    }

    private Tensor loss(ImageSet images, Precision precision, long noise) {
        return objective.loss(new TorchOps(parameters.tensors()), images, precision, noise);
    }

    /** Adds the gradients of other replicas to these and divides by their number: the gradient of the whole batch. */
    void average(List<Replica> others) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            for (long i = 0; i < tensors.size(); i++) {
                Tensor gradient = tensors.get(i).mutable_grad();
                for (Replica other : others) {
                    gradient.add_(other.tensors.get(i).grad());
                }
                gradient.div_(new Scalar(1.0 + others.size()));
            }
        }
    }

    TensorVector tensors() {
        return tensors;
    }
}
