package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.full;
import static org.bytedeco.pytorch.global.torch.randn;

import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The learned tensors of a network, alive until the process ends: to be made outside of any PointerScope. */
public final class Parameters {
    private final List<ParameterSpec> specs;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private Parameters(List<ParameterSpec> specs) {
        this.specs = specs;
    }

    /** Initial values by their specification, from a seed. */
    public static Parameters initial(List<ParameterSpec> specs, long seed) {
        torch.manual_seed(seed);
        Parameters parameters = new Parameters(specs);
        for (ParameterSpec spec : specs) {
            Tensor tensor = spec.initial() == ParameterSpec.Initial.NORMAL
                    ? randn(spec.shape()).mul_(new Scalar(spec.scale()))
                    : full(spec.shape(), new Scalar(spec.scale()), new TensorOptions(ScalarType.Float));
            parameters.tensors.put(spec.name(), tensor);
        }
        return parameters;
    }

    /**
     * Numbers that were trained before.
     *
     * @param values by name, others than the specified among them
     * @throws IllegalArgumentException when one is missing or of another shape
     */
    public static Parameters of(List<ParameterSpec> specs, Map<String, OnnxOps.Values> values) {
        Parameters parameters = new Parameters(specs);
        for (ParameterSpec spec : specs) {
            OnnxOps.Values stored = values.get(spec.name());
            if (stored == null || !Arrays.equals(stored.shape(), spec.shape())) {
                throw new IllegalArgumentException("it has no parameter " + spec.name() + " of the shape "
                        + Arrays.toString(spec.shape()));
            }
            parameters.tensors.put(spec.name(), torch.tensor(stored.values()).reshape(spec.shape()));
        }
        return parameters;
    }

    /** A copy that shares nothing. */
    public Parameters copy() {
        Parameters copy = new Parameters(specs);
        tensors.forEach((name, tensor) -> copy.tensors.put(name, tensor.detach().clone()));
        return copy;
    }

    /** Those of some of the specifications; the tensors are shared. */
    Parameters part(List<ParameterSpec> some) {
        Parameters part = new Parameters(some);
        some.forEach(spec -> part.tensors.put(spec.name(), tensors.get(spec.name())));
        return part;
    }

    /** Asks libtorch to compute gradients. */
    public Parameters withGradients() {
        return withGradients(true);
    }

    /** Asks libtorch to compute gradients, or not to. */
    Parameters withGradients(boolean wanted) {
        tensors.values().forEach(tensor -> tensor.set_requires_grad(wanted));
        return this;
    }

    /** The tensors by name. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The tensors whose specification passes a test, in order. */
    public TensorVector vector(Predicate<ParameterSpec> test) {
        return new TensorVector(specs.stream()
                .filter(test)
                .map(spec -> tensors.get(spec.name()))
                .toArray(Tensor[]::new));
    }

    /** Moves every tensor towards another's: weight 1 copies it. */
    public void approach(Parameters other, double weight) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> tensor.lerp_(other.tensors.get(name), new Scalar(weight)));
        }
    }

    /** Copies every tensor of another. */
    public void set(Parameters other) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> tensor.copy_(other.tensors.get(name)));
        }
    }

    /** A copy whose matrices and tables are rounded to half precision, as {@link OnnxOps} stores them. */
    public Parameters rounded() {
        Parameters rounded = copy();
        try (NoGradGuard noGradients = new NoGradGuard()) {
            rounded.tensors.values().stream()
                    .filter(tensor -> tensor.dim() > 1)
                    .forEach(tensor -> tensor.copy_(tensor.to(ScalarType.Half)));
        }
        return rounded;
    }

    /** The numbers, for {@link OnnxOps}. */
    public Map<String, OnnxOps.Values> values() {
        Map<String, OnnxOps.Values> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            float[] numbers = new float[(int) tensor.numel()];
            tensor.detach().contiguous().data_ptr_float().get(numbers);
            values.put(name, new OnnxOps.Values(tensor.shape(), numbers));
        });
        return values;
    }

    /** Writes all tensors under a prefix. */
    void save(OutputArchive archive, String prefix) {
        tensors.forEach((name, tensor) -> archive.write(key(prefix, name), tensor.detach()));
    }

    /** Reads all tensors from under a prefix. */
    void load(InputArchive archive, String prefix) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            tensors.forEach((name, tensor) -> {
                Tensor stored = new Tensor();
                archive.read(key(prefix, name), stored);
                tensor.copy_(stored);
            });
        }
    }

    /** Archives split names at dots. */
    private static String key(String prefix, String name) {
        return prefix + "/" + name.replace('.', '/');
    }
}
