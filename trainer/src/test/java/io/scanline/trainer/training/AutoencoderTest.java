package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.Autoencoder;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The linear autoencoder against principal component analysis (Baldi and Hornik 1989). */
class AutoencoderTest {
    private static final int CODE = 3;
    private static final ImageSet IMAGES = new SyntheticShapes(4, 4).draw(300, 1);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void linearAutoencoderFindsTheSubspaceOfPca() {
        Autoencoder network = new Autoencoder(
                new ImageShape(4, 4, 256, 3), new Autoencoder.Config(CODE, List.of(), List.of(), true));
        Objective objective = Families.objective(network);
        Player player = objective.players().get(0);
        Replica replica = new Replica(objective, Parameters.initial(network.parameters(), 1));
        Recipe.Training training =
                new Recipe.Training(1, 1500, 300, 1, 0.02, 1e-5, 20, List.of(0.9, 0.99), 0, 10, 0, 100, 0);
        Optimiser optimiser = new Optimiser(replica.parameters(), training);
        Schedule schedule = Schedule.of(training);
        for (int step = 0; step < training.steps(); step++) {
            replica.accumulate(player, 0, IMAGES, Precision.FP32, step);
            optimiser.step(schedule.at(step));
        }
        PrincipalComponents pca = PrincipalComponents.of(IMAGES, CODE);
        double error = replica.evaluate(IMAGES, 0);
        double best = pca.squaredError(IMAGES);
        assertThat(error).isBetween(best * (1 - 1e-5), best * 1.01); // nothing linear is below PCA
        double[] cosines = cosines(replica.parameters().tensors().get("decoder.dense0.weight"), pca);
        assertThat(Arrays.stream(cosines).min().orElseThrow()).isGreaterThan(0.995);
    }

    /** Cosines of the principal angles between the rows of a matrix and the principal components. */
    private static double[] cosines(Tensor rows, PrincipalComponents pca) {
        try (PointerScope scope = new PointerScope()) {
            Tensor orthonormal = torch.linalg_qr(rows.detach().to(ScalarType.Double).t()).get0();
            Tensor components = torch.zeros(CODE, IMAGES.valuesPerImage()).to(ScalarType.Double);
            components.data_ptr_double()
                    .put(Arrays.stream(pca.components()).flatMapToDouble(Arrays::stream).toArray());
            double[] cosines = new double[CODE];
            torch.linalg_svdvals(components.matmul(orthonormal)).contiguous().data_ptr_double().get(cosines);
            return cosines;
        }
    }

    @Test
    void pcaErrorIsTheVarianceOfTheComponentsLeftOut() {
        assertThat(PrincipalComponents.of(IMAGES, 16).squaredError(IMAGES)).isLessThan(1e-12);
        PrincipalComponents pca = PrincipalComponents.of(IMAGES, 15);
        double[] left = PrincipalComponents.of(IMAGES, 16).components()[15];
        double variance = 0; // along the one direction that is left out
        for (int n = 0; n < IMAGES.size(); n++) {
            double projection = 0;
            for (int i = 0; i < 16; i++) {
                projection += left[i] * ((IMAGES.image(n)[i] & 0xFF) / 255.0 - pca.mean()[i]);
            }
            variance += projection * projection / IMAGES.size();
        }
        assertThat(pca.squaredError(IMAGES)).isCloseTo(variance / 16, within(1e-7));
        assertThat(PrincipalComponents.of(IMAGES, CODE).squaredError(IMAGES)).isGreaterThan(pca.squaredError(IMAGES));
    }

    @Test
    void linearMapsHaveNoActivation() {
        Autoencoder network = new Autoencoder(
                new ImageShape(4, 4, 256, 3), new Autoencoder.Config(CODE, List.of(), List.of(), true));
        TorchOps ops = new TorchOps(Parameters.initial(network.parameters(), 1).tensors());
        Tensor a = torch.randn(1, CODE);
        Tensor zero = torch.zeros(1, CODE);
        Tensor difference = decoded(network, ops, a.add(a)).sub(decoded(network, ops, zero));
        Tensor twice = decoded(network, ops, a).sub(decoded(network, ops, zero));
        assertThat(difference.sub(twice.add(twice)).abs().max().item_float()).isLessThan(1e-5f);
    }

    private static Tensor decoded(Autoencoder network, TorchOps ops, Tensor latent) {
        return network.decode(ops, latent).get("image");
    }
}
