package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Shapes on libtorch. */
final class TorchShapes implements Shapes<Tensor> {
    @Override
    public Tensor reshape(Tensor x, long... shape) {
        long[] known = shape.clone();
        known[0] = shape[0] == 0 ? x.size(0) : shape[0];
        return x.reshape(known);
    }

    @Override
    public Tensor pad(Tensor x, int dimension, int before, int behind) {
        long[] padding = new long[2 * ((int) x.dim() - dimension)]; // last dimension first
        padding[padding.length - 2] = before;
        padding[padding.length - 1] = behind;
        return constant_pad_nd(x, padding, new Scalar(0));
    }

    @Override
    public Tensor slice(Tensor x, int dimension, int first, int end) {
        return x.narrow(dimension, first, (long) end - first);
    }

    @Override
    public Tensor flip(Tensor x, int dimension) {
        return x.flip(dimension);
    }

    @Override
    public List<Tensor> unbind(Tensor x, int dimension, int count) {
        TensorVector parts = x.unbind(dimension); // one gradient for all of them, not a whole one for each
        List<Tensor> list = new ArrayList<>();
        for (int part = 0; part < count; part++) {
            list.add(parts.get(part));
        }
        return list;
    }

    @Override
    public Tensor stack(List<Tensor> parts, int dimension) {
        return torch.stack(new TensorVector(parts.toArray(Tensor[]::new)), dimension);
    }

    @Override
    public Tensor zeros(Tensor x, int width) {
        return torch.zeros(x.size(0), x.size(1), width);
    }
}
