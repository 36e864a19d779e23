package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** What training lowers. Used by several threads at once. */
public interface Objective {
    /** What training lowers for a network that needs nothing but images and their classes. */
    static Objective of(ImageNetwork network) {
        return Families.objective(network);
    }

    /** What training lowers for a VQ-GAN whose recipe names features. */
    static Objective of(VectorQuantisedGan network, FeatureDistance features) {
        return new QuantisedGame(network, Optional.of(features));
    }

    /** The network whose parameters are trained. */
    ImageNetwork network();

    /**
     * The loss, which validation measures and a single player lowers: a mean over the values of the images, in nats where it is a likelihood or a bound on one.
     *
     * @param ops that compute with the parameters
     * @param images of the batch
     * @param precision of the network; the loss itself is computed in single precision
     * @param noise seed of whatever is drawn at random: the same seed, the same loss
     * @return a scalar
     */
    Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise);

    /** Changes the weights that a training begins with, where they are not all to start by chance. */
    default void begin(Parameters initial) {}

    /**
     * Who moves which weights, in the order in which they take their turns at every step. The last one moves those of the
     * network, and only these are exported.
     */
    default List<Player> players() {
        return List.of(new Player(
                "network",
                network().parameters(),
                (ops, images, precision, noise, step) -> loss(ops, images, precision, noise)));
    }

    /** Whether the loss is a negative log-likelihood or a bound on one, and so can be told in bits. */
    default boolean likelihood() {
        return true;
    }

    /** How many images at once the loss of many is averaged over; the last ones may be fewer. */
    default int evaluationBatch() {
        return 20;
    }

    /**
     * Changes the tensors that the optimiser does not move, after it moved the others.
     *
     * @param weights with the gradients of the step, averaged over all workers: whatever a loss wants to hand on from
     *     its images comes as gradients of these tensors, so that it is the same however many workers share a batch
     * @param noise seed of this step, the same for all workers
     */
    default void afterStep(Parameters weights, long noise) {}
}
