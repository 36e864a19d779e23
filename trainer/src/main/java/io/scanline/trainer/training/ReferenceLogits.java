package io.scanline.trainer.training;

import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What libtorch computes, as plain numbers to compare with. */
public final class ReferenceLogits {
    private ReferenceLogits() {}

    /** Logits (values, levels) of all values of one image, in single precision. */
    public static float[] of(AutoregressiveNetwork network, Parameters parameters, byte[] image, int label) {
        return of(network, parameters, image, label, new float[0]);
    }

    /** The same with what the image is conditioned on; no numbers where that is nothing. */
    public static float[] of(
            AutoregressiveNetwork network, Parameters parameters, byte[] image, int label, float... condition) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGradients = new NoGradGuard()) {
            Batch batch = Batch.of(network, List.of(image), new int[] {label});
            Optional<Tensor> shown = condition.length == 0
                    ? Optional.empty()
                    : Optional.of(torch.tensor(condition).reshape(1, condition.length));
            Tensor logits = batch.logits(network, new TorchOps(parameters.tensors()), shown).contiguous();
            float[] numbers = new float[(int) logits.numel()];
            logits.data_ptr_float().get(numbers);
            return numbers;
        }
    }
}
