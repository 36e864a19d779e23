package io.scanline.trainer.nn;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Recurrence;
import io.scanline.trainer.ops.Taps;
import java.util.List;
import java.util.stream.Stream;

/**
 * An LSTM over the positions of images whose maps are convolutions (van den Oord, Kalchbrenner and Kavukcuoglu 2016,
 * Eq. 3): from its inputs x, the vectors h of some neighbours and the cell c' of one,
 *
 * <pre>
 *   o, f, i, g = K_ss * h + K_is * x + b
 *   c = sigmoid(f) . c' + sigmoid(i) . tanh(g)
 *   h = sigmoid(o) . tanh(c)
 * </pre>
 *
 * K_ss has no bias, so that zeros beget zeros and nothing comes in from outside the image.
 */
public final class ConvolutionalLstm implements Network, Recurrence {
    private static final int GATES = 4;
    private final String name;
    private final Sweep sweep;
    private final int columns;
    private final int inputs;
    private final int width;
    private final TapConvolution inputToState;
    private final List<Carried> carried;

    /**
     * An LSTM.
     *
     * @param name prefix of its parameters
     * @param inputs width of x
     * @param width h, of a position's vector and cell
     * @param taps what K_is reads
     * @param neighbours that K_ss reads
     * @param cell neighbour whose cell is read
     */
    public ConvolutionalLstm(
            String name,
            int inputs,
            int width,
            Sweep sweep,
            Taps.Neighbours taps,
            List<Offset> neighbours,
            Offset cell) {
        this.name = name;
        this.sweep = sweep;
        this.columns = taps.width();
        this.inputs = inputs;
        this.width = width;
        double deviation = Math.sqrt(1.0 / (taps.count() * inputs));
        inputToState = new TapConvolution(name + ".input", inputs, GATES * width, taps, deviation);
        carried = List.of(new Carried(width, neighbours), new Carried(width, List.of(cell)));
    }

    @Override
    public List<ParameterSpec> parameters() {
        int read = carried.get(0).offsets().size() * width;
        ParameterSpec stateToState =
                ParameterSpec.normal(name + ".state.weight", Math.sqrt(1.0 / read), true, read, GATES * width);
        return Stream.concat(inputToState.parameters().stream(), Stream.of(stateToState)).toList();
    }

    @Override
    public Sweep sweep() {
        return sweep;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public List<Carried> carried() {
        return carried;
    }

    @Override
    public <T> T input(Ops<T> ops, T x) {
        return inputToState.apply(ops, x);
    }

    @Override
    public <T> List<T> step(Ops<T> ops, T input, List<T> read) {
        T fromState = ops.matmul(read.get(0), ops.parameter(name + ".state.weight"));
        List<T> gates = ops.split(ops.add(input, fromState), GATES, width);
        T kept = ops.multiply(ops.sigmoid(gates.get(1)), read.get(1));
        T cell = ops.add(kept, ops.multiply(ops.sigmoid(gates.get(2)), ops.tanh(gates.get(3))));
        return List.of(ops.multiply(ops.sigmoid(gates.get(0)), ops.tanh(cell)), cell);
    }
}
