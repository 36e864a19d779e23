package io.scanline.server.engine;

/** How latents between two are found. Computed in double by {@link StrictMath} and rounded to float. */
public enum LatentPath {
    /** (1 - t) a + t b. */
    LINEAR {
        @Override
        public float[] at(float[] from, float[] to, double t) {
            return mix(from, to, 1 - t, t);
        }
    },
    /**
     * Along the great circle through both directions: sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b with w the angle
     * between a and b (Shoemake 1985). Linear where sin(w) is nearly 0.
     */
    SPHERICAL {
        @Override
        public float[] at(float[] from, float[] to, double t) {
            double cosine = dot(from, to) / StrictMath.sqrt(dot(from, from) * dot(to, to));
            double angle = StrictMath.acos(StrictMath.max(-1, StrictMath.min(1, cosine)));
            double sine = StrictMath.sin(angle);
            if (!(sine > NEARLY_ZERO)) { // also when a vector is 0 and has no direction
                return LINEAR.at(from, to, t);
            }
            return mix(from, to, StrictMath.sin((1 - t) * angle) / sine, StrictMath.sin(t * angle) / sine);
        }
    };

    private static final double NEARLY_ZERO = 1e-6;

    /**
     * The latent at one place of the path.
     *
     * @param t 0: the first end, 1: the last one
     */
    public abstract float[] at(float[] from, float[] to, double t);

    private static float[] mix(float[] from, float[] to, double a, double b) {
        float[] mixed = new float[from.length];
        for (int d = 0; d < mixed.length; d++) {
            mixed[d] = (float) (a * from[d] + b * to[d]);
        }
        return mixed;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (double) a[d] * b[d];
        }
        return sum;
    }
}
