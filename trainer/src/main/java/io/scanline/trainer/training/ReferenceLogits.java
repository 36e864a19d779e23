package io.scanline.trainer.training;

import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** What libtorch computes, as plain numbers to compare with. */
public final class ReferenceLogits {
    private ReferenceLogits() {}

    /** Logits (values, levels) of all values of one image, in single precision. */
    public static float[] of(AutoregressiveNetwork network, Parameters parameters, byte[] image, int label) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGradients = new NoGradGuard()) {
            Batch batch = Batch.of(network, List.of(image), new int[] {label});
            Tensor logits = batch.logits(network, new TorchOps(parameters.tensors())).contiguous();
            float[] numbers = new float[(int) logits.numel()];
            logits.data_ptr_float().get(numbers);
            return numbers;
        }
    }
}
