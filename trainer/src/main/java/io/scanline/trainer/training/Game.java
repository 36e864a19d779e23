package io.scanline.trainer.training;

import java.util.Locale;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What the two players of an adversarial game lower, given the log-odds d that an image is real. */
enum Game {
    /** Goodfellow et al. 2014, Eq. 1: both players about the same value. */
    MINIMAX {
        @Override
        Tensor discriminator(Tensor real, Tensor fake) {
            return torch.softplus(real.neg()).mean().add(torch.softplus(fake).mean());
        }

        @Override
        Tensor generator(Tensor real, Tensor fake) {
            return torch.softplus(fake).mean().neg();
        }
    },
    /** Goodfellow et al. 2014, section 3: G's gradient does not vanish where D is sure. */
    NON_SATURATING {
        @Override
        Tensor discriminator(Tensor real, Tensor fake) {
            return MINIMAX.discriminator(real, fake);
        }

        @Override
        Tensor generator(Tensor real, Tensor fake) {
            return torch.softplus(fake.neg()).mean();
        }
    },
    /** Jolicoeur-Martineau 2018: of a pair, which one is real. */
    RELATIVISTIC {
        @Override
        Tensor discriminator(Tensor real, Tensor fake) {
            return torch.softplus(fake.sub(real)).mean();
        }

        @Override
        Tensor generator(Tensor real, Tensor fake) {
            return torch.softplus(real.sub(fake)).mean();
        }
    },
    /** Lim and Ye 2017, arXiv 1705.02894: D is content beyond a margin. */
    HINGE {
        @Override
        Tensor discriminator(Tensor real, Tensor fake) {
            Scalar margin = new Scalar(1.0);
            return torch.relu(real.neg().add(margin)).mean().add(torch.relu(fake.add(margin)).mean());
        }

        @Override
        Tensor generator(Tensor real, Tensor fake) {
            return fake.mean().neg();
        }
    };

    /** By the name that recipes use. */
    static Game named(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    /** What D lowers: a scalar of log-odds of real images and of as many generated ones. */
    abstract Tensor discriminator(Tensor real, Tensor fake);

    /** What G lowers. */
    abstract Tensor generator(Tensor real, Tensor fake);
}
