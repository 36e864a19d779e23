package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One worker's copy of the weights, and its share of every step. */
final class Replica {
    private final AutoregressiveNetwork network;
    private final Parameters parameters;
    private final TensorVector tensors;

    Replica(AutoregressiveNetwork network, Parameters parameters) {
        this.network = network;
        this.parameters = parameters.withGradients();
        this.tensors = parameters.vector(spec -> true);
    }

    Parameters parameters() {
        return parameters;
    }

    /** Gradients of the mean negative log-likelihood of a value, which is returned, in nats. */
    double accumulate(ImageSet images, Precision precision) {
        try (PointerScope scope = new PointerScope()) {
            for (long i = 0; i < tensors.size(); i++) {
                Tensor gradient = tensors.get(i).mutable_grad();
                if (gradient.defined()) {
                    gradient.zero_();
                }
            }
            Tensor loss = loss(Batch.of(network, images), precision);
            loss.backward();
            return loss.item_double();
        }
    }

    /** Mean negative log-likelihood of a value, in nats, without gradients. */
    double evaluate(ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return loss(Batch.of(network, images), Precision.FP32).item_double();
        }
    }

    private Tensor loss(Batch batch, Precision precision) {
        Tensor logits;
        try (Precision.Scope scope = precision.enter()) {
            logits = network.logits(new TorchOps(parameters.tensors()), batch.shown(), batch.position(), batch.label());
        }
        return cross_entropy(logits.to(ScalarType.Float).reshape(-1, network.shape().levels()), batch.target());
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
