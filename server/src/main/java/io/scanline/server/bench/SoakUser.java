package io.scanline.server.bench;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scanline.server.bench.SoakReference.Image;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.runtime.GraphException;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.Continue;
import io.scanline.v1.Fork;
import io.scanline.v1.GenerateInteractiveRequest;
import io.scanline.v1.GenerateInteractiveResponse;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GenerationServiceGrpc.GenerationServiceStub;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.Pause;
import io.scanline.v1.ResumeRequest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * One user of a soak: asks for one image after another and treats each stream in one of the ways that streams are
 * treated. Whatever is read is compared with the image drawn on its own.
 */
final class SoakUser implements Runnable {
    private static final int SEEDS = 6;
    private static final int LABELS = 2;
    private static final int FORKS = 4; // a fork is taken at a multiple of this share of an image
    private static final int HOLD_MILLIS = 1000;
    private static final int BREAKS = 3;
    private static final long SLOW_NANOS = 3_000_000;
    private static final long REST_NANOS = 20_000_000;
    private static final int LONGEST_MILLIS = 2000; // of a deadline

    private static final List<CadenceMode> CADENCES = List.of(
            CadenceMode.CADENCE_MODE_PIXEL, CadenceMode.CADENCE_MODE_PIXEL, CadenceMode.CADENCE_MODE_ROW,
            CadenceMode.CADENCE_MODE_INTERVAL, CadenceMode.CADENCE_MODE_PERCENT, CadenceMode.CADENCE_MODE_FINAL);

    /** What a user does with a stream. */
    private enum Way { READ, READ_SLOWLY, CANCEL, CANCEL_BY_ID, EXPIRE, RESUME, FORK, STEER }

    private final List<Served> models;
    private final GenerationServiceStub stub;
    private final SoakCalls calls;
    private final SoakTally tally;
    private final SplittableRandom random;
    private volatile boolean stopped;

    // Of the stream at hand.
    private Served served;
    private Image image;
    private PixelLedger ledger;
    private String id = "";

    /**
     * A model, and what its images must be.
     *
     * @param model that is served
     * @param reference its images
     */
    record Served(ModelInfo model, SoakReference reference) {}

    /** @param seed of what it does */
    SoakUser(List<Served> models, GenerationServiceStub stub, SoakTally tally, long seed) {
        this.models = models;
        this.stub = stub;
        this.calls = new SoakCalls(stub);
        this.tally = tally;
        this.random = new SplittableRandom(seed);
    }

    /** Ends when the stream at hand has. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            Way way = Way.values()[random.nextInt(Way.values().length)];
            try {
                served = models.get(random.nextInt(models.size()));
                int labels = BenchModels.label(served.model).isEmpty() ? 1 : LABELS;
                image = Image.of(random.nextInt(labels), 1 + random.nextInt(SEEDS));
                ledger = new PixelLedger(served.model.steps());
                id = "";
                use(way);
            } catch (InterruptedException halted) {
                Thread.currentThread().interrupt();
                return;
            } catch (GraphException | RuntimeException broken) {
                tally.fault(way + " of " + image + " with " + served.model.name() + ": " + broken);
            } finally {
                calls.letGo();
            }
        }
    }

    private void use(Way way) throws InterruptedException, GraphException {
        switch (way) {
            case READ -> end(way, calls.generate(request()), Status.Code.OK);
            case READ_SLOWLY -> readSlowly(way);
            case CANCEL -> cancel(way);
            case CANCEL_BY_ID -> cancelById(way);
            case EXPIRE -> expire(way);
            case RESUME -> resume(way);
            case FORK -> fork(way);
            case STEER -> steer(way);
        }
    }

    private GenerateRequest.Builder request() {
        return request(CADENCES.get(random.nextInt(CADENCES.size())));
    }

    private GenerateRequest.Builder request(CadenceMode mode) {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder()
                        .setName(served.model.name())
                        .setVersion(served.model.version()))
                .setSeed(image.seed())
                .setCadence(Cadence.newBuilder().setMode(mode));
        if (!BenchModels.label(served.model).isEmpty()) {
            request.setLabel(ClassLabel.newBuilder().setIndex(image.label()));
        }
        return request;
    }

    private int somewhere() {
        return random.nextInt(served.model.steps());
    }

    private void readSlowly(Way way) throws InterruptedException, GraphException {
        var call = calls.generate(request(CadenceMode.CADENCE_MODE_PIXEL));
        int until = somewhere();
        while (ledger.received() < until && take(call.next()) == null) {
            LockSupport.parkNanos(SLOW_NANOS);
        }
        end(way, call, Status.Code.OK);
    }

    private void cancel(Way way) throws InterruptedException, GraphException {
        var call = calls.generate(request());
        if (read(call, somewhere()) == null) {
            call.cancel();
        }
        check(way, false);
    }

    private void cancelById(Way way) throws InterruptedException, GraphException {
        var call = calls.generate(request());
        Status end = read(call, somewhere());
        if (end == null && !id.isEmpty()) {
            try {
                GenerationServiceGrpc.newBlockingStub(stub.getChannel())
                        .cancel(CancelRequest.newBuilder().setGenerationId(id).build());
            } catch (StatusRuntimeException late) {
                require(way, late.getStatus(), Status.Code.NOT_FOUND);
            }
            end = read(call, Integer.MAX_VALUE);
        }
        require(way, end, Status.Code.OK, Status.Code.CANCELLED);
        check(way, false);
    }

    private void expire(Way way) throws InterruptedException, GraphException {
        int millis = 1 + random.nextInt(LONGEST_MILLIS);
        var call = calls.generate(request(), millis);
        // Refused: nobody could have met that deadline.
        require(way, read(call, Integer.MAX_VALUE),
                Status.Code.OK, Status.Code.DEADLINE_EXCEEDED, Status.Code.RESOURCE_EXHAUSTED);
        check(way, false);
    }

    /** Goes away and comes back a few times, at last perhaps to what is not there any more. */
    private void resume(Way way) throws InterruptedException, GraphException {
        var call = calls.generate(held());
        Status end = read(call, somewhere());
        if (end == null) {
            call.cancel();
        }
        for (int breaks = random.nextInt(BREAKS); end == null && breaks > 0; breaks--) {
            var again = resumed();
            end = read(again, ledger.received() + 1 + somewhere());
            if (end == null) {
                again.cancel();
            }
        }
        if (end == null) {
            end = read(resumed(), Integer.MAX_VALUE);
        }
        if (end.getCode() == Status.Code.NOT_FOUND) {
            tally.count("RESUME late: went on with a prefix");
            ledger.nextStream();
            byte[] prefix = ledger.values();
            end = read(calls.generate(request().setPrefix(ByteString.copyFrom(prefix))), Integer.MAX_VALUE);
        }
        require(way, end, Status.Code.OK);
        check(way, true);
    }

    private SoakCall<ResumeRequest, ?> resumed() {
        ledger.nextStream();
        return calls.resume(ResumeRequest.newBuilder().setGenerationId(id).addNextIndex(ledger.received()));
    }

    private GenerateRequest.Builder held() {
        return request(CadenceMode.CADENCE_MODE_PIXEL)
                .setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD)
                .setHoldMs(HOLD_MILLIS);
    }

    /** Reads an image up to a place, another one that goes on from there, and then the rest of the first. */
    private void fork(Way way) throws InterruptedException, GraphException {
        int steps = (1 + random.nextInt(FORKS - 1)) * served.model.steps() / FORKS;
        var source = calls.generate(request(CadenceMode.CADENCE_MODE_PIXEL));
        Status end = read(source, steps);
        Image sourceImage = image;
        PixelLedger sourceLedger = ledger;
        if (end == null) {
            image = image.fork(steps, SEEDS + 1L + random.nextInt(SEEDS));
            ledger = new PixelLedger(served.model.steps());
            Fork.Builder fork = Fork.newBuilder().setGenerationId(id).setSteps(steps);
            Status ended = read(calls.generate(request().setFork(fork)), Integer.MAX_VALUE);
            require(way, ended, Status.Code.OK, Status.Code.NOT_FOUND); // all of it was on its way here already
            check(way, ended.isOk());
            image = sourceImage;
            ledger = sourceLedger;
            end = read(source, Integer.MAX_VALUE);
        }
        require(way, end, Status.Code.OK);
        check(way, true);
    }

    private void steer(Way way) throws InterruptedException, GraphException {
        SoakCall<GenerateInteractiveRequest, GenerateInteractiveResponse> call =
                calls.interactive(request(CadenceMode.CADENCE_MODE_PIXEL));
        Status end = read(call, somewhere());
        if (end == null) {
            call.send(message().setPause(Pause.getDefaultInstance()).build());
            LockSupport.parkNanos(REST_NANOS);
            CadenceMode mode = CADENCES.get(random.nextInt(CADENCES.size()));
            call.send(message().setCadence(Cadence.newBuilder().setMode(mode)).build());
            call.send(message().setContinue(Continue.getDefaultInstance()).build());
            end = read(call, Integer.MAX_VALUE);
        }
        require(way, end, Status.Code.OK);
        check(way, true);
    }

    private static GenerateInteractiveRequest.Builder message() {
        return GenerateInteractiveRequest.newBuilder();
    }

    private void end(Way way, SoakCall<?, ?> call, Status.Code wanted) throws InterruptedException, GraphException {
        require(way, read(call, Integer.MAX_VALUE), wanted);
        check(way, true);
    }

    /** Reads until there are so many values; returns the end, or null where it was not reached. */
    private Status read(SoakCall<?, ?> call, int values) throws InterruptedException {
        Status end = null;
        while (end == null && (ledger.received() < values || id.isEmpty())) {
            end = take(call.next());
        }
        return end;
    }

    private Status take(SoakCall.Event event) {
        GenerateResponse message = event.message();
        if (message != null && message.hasStarted()) {
            id = message.getStarted().getGenerationId();
        } else if (message != null && message.hasPixels()) {
            ledger.enter(message.getPixels());
        }
        return event.end();
    }

    private void require(Way way, Status end, Status.Code... allowed) {
        tally.count(way + " " + end.getCode());
        if (!List.of(allowed).contains(end.getCode())) {
            tally.fault(way + " of " + image + " with " + served.model.name() + " ended with " + end);
        }
    }

    private void check(Way way, boolean whole) throws GraphException {
        tally.check(way + " of " + image + " with " + served.model.name(), ledger,
                served.reference.values(image), whole);
    }
}
