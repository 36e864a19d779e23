package io.scanline.trainer.ops;

import java.util.List;

/** What {@link ImageScan} does to tensors beside arithmetic. */
interface Shapes<T> {
    /** x in another shape; 0 keeps dimension 0, -1 is whatever remains. */
    T reshape(T x, long... shape);

    /** x with zeros before and behind in one dimension. */
    T pad(T x, int dimension, int before, int behind);

    /** The part of x from first to before end in one dimension. */
    T slice(T x, int dimension, int first, int end);

    /** x backwards in one dimension. */
    T flip(T x, int dimension);

    /** The {@code count} parts of x along a dimension, which they no longer have. */
    List<T> unbind(T x, int dimension, int count);

    /** Undoes {@link #unbind}. */
    T stack(List<T> parts, int dimension);

    /** Zeros of the shape of x (B, n, D) but for the last dimension. */
    T zeros(T x, int width);
}
