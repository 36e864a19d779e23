package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import org.bytedeco.pytorch.Tensor;

/** What training lowers. Used by several threads at once. */
public interface Objective {
    /** The network whose parameters are trained. */
    ImageNetwork network();

    /**
     * The loss: a mean over the values of the images, in nats where it is a likelihood or a bound on one.
     *
     * @param ops that compute with the parameters
     * @param images of the batch
     * @param precision of the network; the loss itself is computed in single precision
     * @param noise seed of whatever is drawn at random: the same seed, the same loss
     * @return a scalar
     */
    Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise);
}
