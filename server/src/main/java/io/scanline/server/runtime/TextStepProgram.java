package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs the sequences of up to {@link #slots()} images and keeps their state. A sequence begins with its image, in
 * {@link #pieces()} runs of its slot alone, the last of which ends with the first id of the text; from then on one run
 * adds one id to every slot, each at its own position. Numbers of a slot depend on no other slot. To be used by one
 * thread at a time.
 */
public final class TextStepProgram implements AutoCloseable {
    /** Positions that one run of one slot computes at most: it bounds what others wait for, and memory. */
    public static final int LONGEST_PIECE = 128;

    private final StepSessions sessions;
    private final TextStepShape shape;
    private final KeyValueState state;
    private final TextStepTensors tensors;
    private final Map<Integer, TextStepTensors> pieces = new HashMap<>(); // by their positions
    private final SlotParts parts;
    private final SlotRun run;
    private final SlotRun[] pieceRuns; // by piece
    private final int slots;
    private final int longestPiece;

    private TextStepProgram(
            OrtEnvironment environment, StepSessions sessions, TextStepShape shape, TensorNames names,
            KeyValueState state, TextStepTensors tensors, int slots, int longestPiece) throws GraphException {
        this.sessions = sessions;
        this.shape = shape;
        this.state = state;
        this.tensors = tensors;
        this.slots = slots;
        this.longestPiece = longestPiece;
        this.parts = new SlotParts(sessions, slots, 1, 2, (first, count, inputs, outputs) -> {
            tensors.bind(names, first, count, inputs, outputs);
            state.bind(first, count, inputs, outputs);
        });
        this.run = new SlotRun(1, IntStream.range(0, slots).toArray(), new int[slots], new long[0], new long[0]);
        this.pieceRuns = new SlotRun[pieces()];
        for (int piece = 0; piece < pieceRuns.length; piece++) {
            int first = piece * longestPiece;
            int span = Math.min(longestPiece, shape.prefix() + 1 - first);
            pieceRuns[piece] = new SlotRun(span, new int[1], new int[] {first}, new long[0], new long[0]);
            pieceRuns[piece].size = 1;
            if (!pieces.containsKey(span)) {
                pieces.put(span, new TextStepTensors(environment, shape, 1, span));
            }
        }
    }

    static TextStepProgram bind(
            OrtEnvironment environment, StepSessions sessions, TextStepShape shape, TensorNames names, int slots,
            int longestPiece) throws GraphException {
        KeyValueState state = KeyValueState.allocate(environment, shape.cache(), names, slots, false, longestPiece);
        TextStepProgram program = null;
        try {
            program = new TextStepProgram(
                    environment, sessions, shape, names, state, new TextStepTensors(environment, shape, slots, 1),
                    slots, longestPiece);
            program.bind(names);
            return program;
        } catch (OrtException refused) {
            program.close();
            throw new GraphException("ONNX Runtime refused the memory of the inputs", refused);
        } catch (GraphException | Error tooLarge) {
            if (program == null) {
                state.close();
            } else {
                program.close();
            }
            throw tooLarge;
        }
    }

    private void bind(TensorNames names) throws OrtException {
        for (TextStepTensors piece : pieces.values()) {
            piece.bindOnce(names);
        }
    }

    /** Sequences that it holds, B. */
    public int slots() {
        return slots;
    }

    /** Bytes of memory that the state of one sequence takes. */
    public long slotBytes() {
        return state.slotBytes();
    }

    /** Runs that an image and the first id take. */
    public int pieces() {
        return (shape.prefix() + longestPiece) / longestPiece;
    }

    /** Positions that a slot holds after this many pieces. */
    public int positionsAfter(int piece) {
        return Math.min(piece * longestPiece, shape.prefix() + 1);
    }

    /** Input long[B]: the id at the position of every slot. */
    public long[] token() {
        return tensors.token();
    }

    /** Input int[B]: positions that the slot's state holds before this run, the image's included. */
    public int[] position() {
        return run.position;
    }

    /** Output float[B,V] of the last run of all slots; of the last piece, in its first row. */
    public float[] logits() {
        return tensors.logits();
    }

    /**
     * Computes one piece of the beginning of a sequence. After the last one, the first row of {@link #logits()} says
     * what follows the first id.
     *
     * @param vectors float[N,D]: the image
     * @param begin the first id
     * @throws GraphException when the graph fails; the state of the slot is then undefined
     */
    public void begin(int slot, int piece, float[] vectors, int begin) throws GraphException {
        SlotRun part = pieceRuns[piece];
        TextStepTensors window = pieces.get(part.span);
        int first = part.position[0];
        int ofImage = Math.min(part.span, shape.prefix() - first);
        window.vector().put(0, vectors, first * shape.width(), ofImage * shape.width());
        for (int i = 0; i < part.span; i++) {
            window.token()[i] = i < ofImage ? 0 : begin;
            window.position()[i] = first + i;
        }
        part.slot[0] = slot;
        state.beforeRunAlone(part);
        try {
            state.bindAlone(slot, window.inputs(), window.outputs());
            window.show(part.span);
            sessions.of(part.span).run(window.inputs(), window.outputs()).close();
            window.take(part.span);
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed the beginning of a text (" + failed.getCode() + ")", failed);
        }
        if (piece == pieces() - 1) {
            System.arraycopy(
                    window.logits(), (part.span - 1) * shape.vocabulary(), logits(), 0, shape.vocabulary());
        }
    }

    /**
     * Adds one id to slots 0 to batch - 1 and computes the logits of what follows.
     *
     * @throws GraphException when the graph fails; the state of these slots is then undefined
     */
    public void run(int batch) throws GraphException {
        run.size = batch;
        for (int slot = 0; slot < batch; slot++) {
            tensors.position()[slot] = run.position[slot];
        }
        state.beforeRun(run);
        tensors.show(batch);
        parts.run(batch);
        tensors.take(batch);
    }

    /** Copies the first {@code positions} positions of the state of slot {@code from} to slot {@code to}. */
    public void move(int from, int to, int positions) {
        state.move(from, to, positions);
    }

    @Override
    public void close() {
        tensors.close();
        pieces.values().forEach(TextStepTensors::close);
        state.close();
    }
}
