package io.scanline.server.runtime;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A step loop on the ONNX Runtime engine of the Deep Java Library (ai.djl.onnxruntime), as a Java program without this
 * server would write it: the same graph with the same options, arrays made for every step, and what is present after a
 * step handed to the next one as what is past. Outputs cannot be pinned there, so that keys and values are copied by
 * every step. Draws nothing.
 */
public final class DjlStepLoop implements StepLoop {
    private static final Logger ENVIRONMENT_LOG = Logger.getLogger("ai.onnxruntime.OrtEnvironment");

    private final GraphSignature signature;
    private final KeyValueShape cache; // null: none
    private final TensorNames names;
    private final int slots;
    private final Model model;
    private final Map<String, String> pastOf = new HashMap<>(); // name of the input by that of the output
    private NDList past = new NDList(); // one array for every input that is carried
    private NDManager owner; // of the past

    /**
     * Makes the engine of the library known. It wants to set the process's threads up and must therefore come before
     * any other use of ONNX Runtime.
     *
     * @return whether it can be used; false: ONNX Runtime is in use already
     */
    public static boolean prepare() {
        System.setProperty("OPT_OUT_TRACKING", "true"); // else it tells its makers that it is in use
        ENVIRONMENT_LOG.setLevel(Level.SEVERE); // it warns that what the library has set up stays so
        try {
            return Engine.getEngine("OnnxRuntime") != null;
        } catch (IllegalStateException taken) {
            return false;
        }
    }

    /** Whether all that a graph carries from step to step is handed on as it is. */
    public static boolean takes(StepSource source) {
        return source.row() == null && source.shape().state().memories().isEmpty();
    }

    /** @param slots slots of every step */
    public DjlStepLoop(StepSource source, int slots, int threads) throws GraphException {
        this.slots = slots;
        signature = GraphSignature.step(source.shape());
        cache = source.shape().state().keyValues();
        names = new TensorNames(source.step().tensors(), signature);
        model = Model.newInstance("step", "OnnxRuntime");
        boolean complete = false;
        try (OrtSession.SessionOptions options = StepSessions.options(StepSessions.threadsFor(slots, threads))) {
            model.load(new ByteArrayInputStream(source.step().onnx()), Map.of("sessionOptions", options));
            complete = true;
        } catch (IOException | MalformedModelException | OrtException refused) {
            throw new GraphException("the Deep Java Library cannot load the graph", refused);
        } finally {
            if (!complete) {
                model.close();
            }
        }
        owner = model.getNDManager().newSubManager();
        for (TensorSpec input : signature.inputs()) {
            if (carried(input)) {
                pastOf.put(names.of("present" + input.role().substring("past".length())), names.of(input.role()));
                past.add(array(owner, input, FloatBuffer.allocate(size(input))));
            }
        }
    }

    private static boolean carried(TensorSpec input) {
        return input.role().startsWith("past");
    }

    @Override
    public long run(int[] first, int count, int length) {
        long begun = System.nanoTime();
        for (int t = 0; t < count; t++) {
            int[] at = new int[slots];
            for (int slot = 0; slot < slots; slot++) {
                at[slot] = (first[slot] + t) % length;
            }
            step(at);
        }
        return System.nanoTime() - begun;
    }

    private void step(int[] at) {
        NDManager manager = model.getNDManager().newSubManager();
        NDList inputs = new NDList();
        for (TensorSpec input : signature.inputs()) {
            if (!carried(input)) {
                inputs.add(array(manager, input, values(input, at)));
            }
        }
        inputs.addAll(past);
        NDList outputs = model.getBlock().forward(new ParameterStore(manager, false), inputs, false);
        List<NDArray> present = new ArrayList<>();
        for (NDArray output : outputs) {
            String input = pastOf.get(output.getName());
            if (input != null) {
                output.setName(input);
                present.add(output);
            }
        }
        owner.close(); // with the past and the other arrays of the step before
        owner = manager;
        past = new NDList(present);
    }

    private Buffer values(TensorSpec input, int[] at) {
        int size = size(input);
        switch (input.role()) {
            case "position":
                LongBuffer positions = LongBuffer.allocate(size);
                for (int slot = 0; slot < slots; slot++) {
                    positions.put(slot, at[slot]);
                }
                return positions;
            case "seqlens":
                return IntBuffer.wrap(at.clone());
            case "total":
                return total(at);
            case "window_seqlens":
                return IntBuffer.wrap(kept(at));
            case "window_total":
                return total(kept(at));
            default: // zeros, as in the bare loop
                return input.type() == OnnxJavaType.INT64 ? LongBuffer.allocate(size) : FloatBuffer.allocate(size);
        }
    }

    private static IntBuffer total(int[] last) {
        return IntBuffer.wrap(new int[] {Arrays.stream(last).max().orElseThrow() + 1});
    }

    /** Where positions are in the caches of layers with a window. */
    private int[] kept(int[] at) {
        return Arrays.stream(at).map(position -> position - cache.dropped(position)).toArray();
    }

    private int size(TensorSpec spec) {
        return Math.toIntExact(new Shape(dimensions(spec)).size());
    }

    private long[] dimensions(TensorSpec spec) {
        long[] dimensions = spec.dimensions().clone();
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] == GraphSignature.ANY) {
                dimensions[i] = i == 0 ? slots : 1;
            }
        }
        return dimensions;
    }

    private NDArray array(NDManager manager, TensorSpec spec, Buffer values) {
        DataType type = switch (spec.type()) {
            case INT64 -> DataType.INT64;
            case INT32 -> DataType.INT32;
            default -> DataType.FLOAT32;
        };
        NDArray array = manager.create(values, new Shape(dimensions(spec)), type);
        array.setName(names.of(spec.role()));
        return array;
    }

    @Override
    public void close() {
        owner.close();
        model.close();
    }
}
