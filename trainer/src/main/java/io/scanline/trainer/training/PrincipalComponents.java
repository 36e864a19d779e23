package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Principal component analysis of intensities: the best linear code of a given size, which learned codes are held
 * against.
 *
 * @param mean of the training images, values of an image in the order (channel, row, column)
 * @param components (k, values), orthonormal, those of largest variance first
 */
public record PrincipalComponents(double[] mean, double[][] components) {
    private static final int BATCH = 1000;

    /** The k leading components of images, k from 1 to the values of an image. */
    public static PrincipalComponents of(ImageSet images, int k) {
        int values = images.valuesPerImage();
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor sum = zeros(values);
            Tensor products = zeros(values, values);
            for (int first = 0; first < images.size(); first += BATCH) {
                try (PointerScope batch = new PointerScope()) {
                    Tensor rows = rows(images, first);
                    sum.add_(rows.sum(0L));
                    products.add_(rows.t().matmul(rows));
                }
            }
            Scalar size = new Scalar((double) images.size());
            Tensor mean = sum.div(size);
            Tensor covariance = products.div(size).sub(mean.outer(mean));
            T_TensorTensor_T eigen = torch.linalg_eigh(covariance);
            Tensor vectors = eigen.get1().t().contiguous(); // rows, smallest variance first
            double[] all = numbers(vectors);
            double[][] components = new double[k][];
            for (int i = 0; i < k; i++) {
                int row = values - 1 - i;
                components[i] = Arrays.copyOfRange(all, row * values, (row + 1) * values);
            }
            return new PrincipalComponents(numbers(mean), components);
        }
    }

    /** Mean squared difference of intensities between images and their projections. */
    public double squaredError(ImageSet images) {
        int values = mean.length;
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor centre = tensor(mean);
            Tensor axes = tensor(Arrays.stream(components).flatMapToDouble(Arrays::stream).toArray())
                    .reshape(components.length, values);
            double error = 0;
            for (int first = 0; first < images.size(); first += BATCH) {
                try (PointerScope batch = new PointerScope()) {
                    Tensor rows = rows(images, first).sub(centre);
                    Tensor rest = rows.sub(rows.matmul(axes.t()).matmul(axes));
                    error += rest.square().sum().item_double();
                }
            }
            return error / ((double) images.size() * values);
        }
    }

    /** Coordinates of images along the components: (images, k). */
    public double[][] coordinates(ImageSet images) {
        double[][] coordinates = new double[images.size()][components.length];
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor centre = tensor(mean);
            Tensor axes = tensor(Arrays.stream(components).flatMapToDouble(Arrays::stream).toArray())
                    .reshape(components.length, mean.length);
            for (int first = 0; first < images.size(); first += BATCH) {
                try (PointerScope batch = new PointerScope()) {
                    Tensor rows = rows(images, first).sub(centre);
                    double[] numbers = numbers(rows.matmul(axes.t()));
                    for (int i = 0; i < numbers.length; i++) {
                        coordinates[first + i / components.length][i % components.length] = numbers[i];
                    }
                }
            }
        }
        return coordinates;
    }

    /** Images from this one on, a row each, in double precision. */
    private static Tensor rows(ImageSet images, int first) {
        int[] indices = new int[Math.min(BATCH, images.size() - first)];
        Arrays.setAll(indices, i -> first + i);
        return Intensities.of(images.select(indices))
                .reshape(indices.length, images.valuesPerImage())
                .to(ScalarType.Double);
    }

    private static Tensor zeros(long... shape) {
        return torch.zeros(shape).to(ScalarType.Double);
    }

    private static Tensor tensor(double[] numbers) {
        Tensor tensor = zeros(numbers.length);
        tensor.data_ptr_double().put(numbers);
        return tensor;
    }

    private static double[] numbers(Tensor tensor) {
        double[] numbers = new double[(int) tensor.numel()];
        tensor.contiguous().data_ptr_double().get(numbers);
        return numbers;
    }
}
