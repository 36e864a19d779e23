package io.scanline.trainer.models;

import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.ReferenceLogits;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A network small enough to compute at once, with random numbers in every parameter: fresh networks have biases of 0
 * and gains of 1, which would hide mistakes.
 *
 * @param name for reports of tests
 * @param network the network
 * @param parameters rounded to half precision, as graphs store them
 */
public record TinyNetwork(String name, AutoregressiveNetwork network, Parameters parameters) {
    /** A network of these hyper-parameters. */
    public static TinyNetwork of(String name, ImageShape shape, ModelConfig config) {
        AutoregressiveNetwork network = (AutoregressiveNetwork) config.network(shape);
        List<ParameterSpec> random = network.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), 0.5, true, spec.shape()))
                .toList();
        return new TinyNetwork(name, network, Parameters.initial(random, 1).rounded());
    }

    /** Networks of every autoregressive family, knowing of classes and not. */
    public static Stream<TinyNetwork> ofEveryFamily(ImageShape shape) {
        return Stream.of(true, false).flatMap(conditional -> {
            String suffix = conditional ? " by class" : "";
            return Stream.of(
                    of("full attention" + suffix, shape, transformer(conditional, 0)),
                    of("local attention" + suffix, shape, transformer(conditional, 3, 0)),
                    of("token prior" + suffix, shape, new TokenPrior.Config(16, 2, 2, 12, 1, conditional)),
                    of("2D local attention" + suffix, shape, nearbyTransformer(conditional)),
                    of("PixelCNN" + suffix, shape, new PixelCnn.Config(5, 2, 3, 6, conditional)),
                    of("Gated PixelCNN" + suffix, shape, new GatedPixelCnn.Config(5, 3, 1, 6, conditional)),
                    of("WaveNet" + suffix, shape, new WaveNet.Config(6, 5, List.of(1, 2, 3), conditional)),
                    of("Row LSTM" + suffix, shape, new RowLstm.Config(4, 2, 1, 6, conditional)),
                    of("Diagonal BiLSTM" + suffix, shape, new DiagonalBiLstm.Config(4, 2, 1, 6, conditional)));
        });
    }

    private static ImageTransformer.Config transformer(boolean conditional, Integer... windows) {
        return new ImageTransformer.Config(16, 2, 2, 12, 1, List.of(windows), null, conditional);
    }

    private static ImageTransformer.Config nearbyTransformer(boolean conditional) {
        ImageTransformer.Neighbourhood area = new ImageTransformer.Neighbourhood(2, 1);
        return new ImageTransformer.Config(16, 2, 2, 12, 1, null, area, conditional);
    }

    /** Logits (values, levels) of one image by libtorch. */
    public float[] logits(byte[] image, int label) {
        return ReferenceLogits.of(network, parameters, image, label);
    }

    /** An image of random levels. */
    public static byte[] image(ImageShape shape, long seed) {
        Random random = new Random(seed);
        byte[] image = new byte[shape.values()];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) random.nextInt(shape.levels());
        }
        return image;
    }

    @Override
    public String toString() {
        return name;
    }
}
