package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scanline.server.engine.HoldLimits;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Fork;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.MaskedValues;
import io.scanline.v1.OnDisconnect;
import io.scanline.v1.Pixels;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import io.scanline.v1.Started;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Generations by their identity, over the loopback interface, one value at a time. */
@Timeout(60)
class IdentityServiceTest {
    private static final int STEPS = 16;
    private ScriptedEngine engine;
    private TestServer server;

    @BeforeEach
    void start() {
        engine = new ScriptedEngine(4, 4);
        server = new TestServer(engine, new HoldLimits(12_000, 5_000, 60_000));
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private static GenerateRequest.Builder held(CadenceMode mode) {
        return TestServer.request(mode).setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD);
    }

    private ScriptedGeneration generate(StreamReader reader, GenerateRequest.Builder request) throws Exception {
        server.generation().generate(request.build(), reader);
        ScriptedGeneration generation = engine.next();
        assertThat(reader.next().getStarted().getGenerationId()).isEqualTo(generation.id());
        return generation;
    }

    private EventReader<ResumeRequest, ResumeResponse> resume(String id, Integer... next) {
        EventReader<ResumeRequest, ResumeResponse> reader = EventReader.ofResume();
        ResumeRequest.Builder request = ResumeRequest.newBuilder().setGenerationId(id);
        server.generation().resume(request.addAllNextIndex(List.of(next)).build(), reader);
        return reader;
    }

    private GenerationServiceGrpc.GenerationServiceBlockingStub blocking() {
        return GenerationServiceGrpc.newBlockingStub(server.channel);
    }

    private void awaitHeld(int generations) {
        TestServer.await(() -> server.registry.get("scanline.held.generations").gauge().value() == generations);
    }

    private static void assertRefused(ThrowingCallable call, Status.Code code, String reason, String field)
            throws Exception {
        assertFailed(catchThrowableOfType(StatusRuntimeException.class, call), code, reason, field);
    }

    private static void assertFailed(StatusRuntimeException failure, Status.Code code, String reason, String field)
            throws Exception {
        assertThat(failure.getStatus().getCode()).isEqualTo(code);
        assertThat(ErrorDetails.of(failure).reason()).isEqualTo(reason);
        assertThat(ErrorDetails.of(failure).field()).isEqualTo(field);
    }

    @Test
    void heldGenerationGoesOnWithoutAReaderAndIsReadOn() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, held(CadenceMode.CADENCE_MODE_ROW).setSeed(3));
        generation.decide(4);
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(4);
        reader.cancel();
        awaitHeld(1);
        generation.finish();
        assertThat(generation.cancelled()).isNotDone();

        EventReader<ResumeRequest, ResumeResponse> again = resume(generation.id(), 4);
        Started started = again.next().getStarted();
        assertThat(started.getGenerationId()).isEqualTo(generation.id());
        assertThat(started.getSeed()).isEqualTo(3);
        Pixels rest = again.next().getPixels();
        assertThat(rest.getSequence()).isZero();
        assertThat(rest.getFirstIndex()).isEqualTo(4);
        assertThat(rest.getValues().toByteArray())
                .isEqualTo(Arrays.copyOfRange(generation.pixels(0), 4, STEPS));
        assertThat(again.next().getFinished().getImages(0).getSha256().toByteArray())
                .isEqualTo(ScriptedGeneration.sha256(generation.pixels(0)));
        assertThat(again.end()).isEqualTo(Status.OK);
        assertFailed(resume(generation.id()).error(), Status.Code.NOT_FOUND, "GENERATION_NOT_FOUND", "generation_id");
        assertThat(server.registry.get("scanline.held.bytes").gauge().value()).isZero();
        assertThat(server.registry.get("scanline.resumes").counter().count()).isEqualTo(1);
    }

    @Test
    void expiredDeadlineOfTheCallIsADisconnect() throws Exception {
        StreamReader reader = StreamReader.eager();
        server.generation().withDeadlineAfter(200, TimeUnit.MILLISECONDS)
                .generate(held(CadenceMode.CADENCE_MODE_PIXEL).build(), reader);
        ScriptedGeneration generation = engine.next();
        assertThat(generation.request().deadlineNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(reader.end().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        awaitHeld(1);
        generation.finish();
        assertThat(resume(generation.id(), 0).end()).isEqualTo(Status.OK);
    }

    @Test
    void newestReaderTakesOver() throws Exception {
        StreamReader older = StreamReader.eager();
        ScriptedGeneration generation = generate(older, held(CadenceMode.CADENCE_MODE_PIXEL));
        EventReader<ResumeRequest, ResumeResponse> newer = resume(generation.id());
        newer.next();
        assertFailed(older.error(), Status.Code.ABORTED, "READER_REPLACED", "");
        generation.decide(2);
        assertThat(newer.next().getPixels().getFirstIndex()).isZero();
        generation.finish();
        assertThat(newer.end()).isEqualTo(Status.OK);
        assertThat(generation.cancelled()).isNotDone();
    }

    @Test
    void badResumeIsRefusedAndReplacesNobody() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, held(CadenceMode.CADENCE_MODE_PIXEL).setCount(2));
        assertFailed(resume(generation.id(), 1).error(),
                Status.Code.INVALID_ARGUMENT, "NEXT_INDEX_OUT_OF_RANGE", "next_index");
        assertFailed(resume(generation.id(), 1, STEPS + 1).error(),
                Status.Code.INVALID_ARGUMENT, "NEXT_INDEX_OUT_OF_RANGE", "next_index");
        assertFailed(resume("").error(), Status.Code.INVALID_ARGUMENT, "FIELD_REQUIRED", "generation_id");
        assertFailed(resume("nobody").error(), Status.Code.NOT_FOUND, "GENERATION_NOT_FOUND", "generation_id");
        generation.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    @Test
    void generationThatWasNotToBeHeldCannotBeReadOn() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, TestServer.request(CadenceMode.CADENCE_MODE_PIXEL));
        assertFailed(resume(generation.id()).error(), Status.Code.NOT_FOUND, "GENERATION_NOT_FOUND", "generation_id");
        reader.cancel();
        generation.cancelled().get(10, TimeUnit.SECONDS);
        assertRefused(() -> blocking().cancel(CancelRequest.newBuilder().setGenerationId(generation.id()).build()),
                Status.Code.NOT_FOUND, "GENERATION_NOT_FOUND", "generation_id");
    }

    @Test
    void whatCannotBeHeldIsRefusedAtOnce() throws Exception {
        generate(StreamReader.eager(), held(CadenceMode.CADENCE_MODE_PIXEL));
        generate(StreamReader.eager(), held(CadenceMode.CADENCE_MODE_PIXEL));
        assertRefused(() -> blocking().generate(held(CadenceMode.CADENCE_MODE_PIXEL).build()).next(),
                Status.Code.RESOURCE_EXHAUSTED, "HOLD_MEMORY_FULL", "");
        assertRefused(() -> blocking().generate(held(CadenceMode.CADENCE_MODE_PIXEL).setHoldMs(5_001).build()).next(),
                Status.Code.INVALID_ARGUMENT, "HOLD_OUT_OF_RANGE", "hold_ms");
        assertRefused(
                () -> blocking().generate(
                        TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).setOnDisconnectValue(9).build()).next(),
                Status.Code.INVALID_ARGUMENT, "ENUM_UNKNOWN", "on_disconnect");
    }

    @Test
    void cancelEndsTheStreamWithItsReason() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, TestServer.request(CadenceMode.CADENCE_MODE_PIXEL));
        assertThat(blocking().cancel(CancelRequest.newBuilder().setGenerationId(generation.id()).build()).getImages())
                .isEqualTo(1);
        assertFailed(reader.error(), Status.Code.CANCELLED, "GENERATION_CANCELLED", "");
    }

    @Test
    void cancelledImageIsSentAsFarAsItGoes() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation =
                generate(reader, TestServer.request(CadenceMode.CADENCE_MODE_FINAL).setCount(2));
        generation.decide(5);
        CancelRequest.Builder cancel = CancelRequest.newBuilder().setGenerationId(generation.id());
        assertThat(blocking().cancel(cancel.setImageIndex(1).build()).getImages()).isEqualTo(1);
        assertThat(blocking().cancel(cancel.setImageIndex(1).build()).getImages()).isZero();
        assertRefused(() -> blocking().cancel(cancel.setImageIndex(2).build()),
                Status.Code.INVALID_ARGUMENT, "IMAGE_INDEX_OUT_OF_RANGE", "image_index");
        Pixels sent = reader.next().getPixels();
        assertThat(sent.getImageIndex()).isEqualTo(1);
        assertThat(sent.getValues().size()).isEqualTo(5);
        generation.finish();
        assertThat(reader.next().getPixels().getValues().size()).isEqualTo(STEPS);
        var results = reader.next().getFinished();
        assertThat(results.getImages(0).getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_COMPLETE);
        assertThat(results.getImages(1).getFinishReason()).isEqualTo(FinishReason.FINISH_REASON_CANCELLED);
        assertThat(results.getImages(1).getSha256().isEmpty()).isTrue();
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    @Test
    void forkTakesWhatIsDecidedAndSendsItToo() throws Exception {
        ScriptedGeneration source = generate(StreamReader.eager(), TestServer.request(CadenceMode.CADENCE_MODE_ROW));
        source.decide(6);
        Fork.Builder fork = Fork.newBuilder().setGenerationId(source.id()).setSteps(6);
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration forked =
                generate(reader, TestServer.request(CadenceMode.CADENCE_MODE_FINAL).setSeed(99).setFork(fork));
        assertThat(forked.request().prefix()).isEqualTo(Arrays.copyOf(source.pixels(0), 6));
        forked.finish();
        assertThat(reader.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(reader.all(), new byte[0]);
        assertRefused(() -> blocking().generate(
                        TestServer.request(CadenceMode.CADENCE_MODE_ROW).setFork(fork.setSteps(7)).build()).next(),
                Status.Code.FAILED_PRECONDITION, "FORK_UNDECIDED", "fork.steps");
        assertRefused(() -> blocking().generate(TestServer.request(CadenceMode.CADENCE_MODE_ROW)
                        .setFork(fork).setPrefix(ByteString.copyFrom(new byte[1])).build()).next(),
                Status.Code.INVALID_ARGUMENT, "FIELD_CONFLICT", "fork");
        assertRefused(() -> blocking().generate(TestServer.request(CadenceMode.CADENCE_MODE_ROW)
                        .setFork(fork).setGiven(MaskedValues.getDefaultInstance()).build()).next(),
                Status.Code.INVALID_ARGUMENT, "FIELD_CONFLICT", "fork");
    }

    @Test
    void resumedStreamNamesItsPrecisionAndAForkTakesItUnlessItSaysAnother() throws Exception {
        ScriptedGeneration source =
                generate(StreamReader.eager(), held(CadenceMode.CADENCE_MODE_ROW).setPrecision("int8"));
        source.decide(6);
        assertThat(resume(source.id(), 0).next().getStarted().getPrecision()).isEqualTo("int8");
        Fork fork = Fork.newBuilder().setGenerationId(source.id()).setSteps(6).build();
        GenerateRequest.Builder says = TestServer.request(CadenceMode.CADENCE_MODE_FINAL).setFork(fork);
        assertThat(generate(StreamReader.eager(), says).request().precision()).isEqualTo("int8");
        assertThat(generate(StreamReader.eager(), says.setPrecision("fp32")).request().precision()).isEqualTo("fp32");
    }

    @Test
    void clientThatHasNothingIsSentWhatWasGivenToo() throws Exception {
        StreamReader reader = StreamReader.eager();
        byte[] prefix = {1, 2, 3};
        ScriptedGeneration generation = generate(
                reader, held(CadenceMode.CADENCE_MODE_PIXEL).setCount(2).setPrefix(ByteString.copyFrom(prefix)));
        EventReader<ResumeRequest, ResumeResponse> whole = EventReader.ofResume();
        server.generation().resume(
                ResumeRequest.newBuilder().setGenerationId(generation.id()).setWhole(true).build(), whole);
        assertThat(whole.next().getStarted().getImages()).isEqualTo(2);
        generation.finish();
        assertThat(whole.end()).isEqualTo(Status.OK);
        TestServer.assertRebuilt(whole.all(), new byte[0]);
    }

    @Test
    void faultWhileSendingGivesTheGenerationUp() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, held(CadenceMode.CADENCE_MODE_PIXEL));
        generation.corrupt();
        generation.decide(1);
        assertThat(reader.end().getCode()).isEqualTo(Status.Code.INTERNAL);
        generation.cancelled().get(10, TimeUnit.SECONDS);
        assertThat(server.registry.get("scanline.held.bytes").gauge().value()).isZero();
    }

    @Test
    void cadenceOfAResumeIsTheRequestsUnlessItSaysOtherwise() throws Exception {
        StreamReader reader = StreamReader.eager();
        ScriptedGeneration generation = generate(reader, held(CadenceMode.CADENCE_MODE_FINAL));
        reader.cancel();
        awaitHeld(1);
        generation.decide(4);
        EventReader<ResumeRequest, ResumeResponse> eager = EventReader.ofResume();
        server.generation().resume(ResumeRequest.newBuilder().setGenerationId(generation.id())
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_PIXEL)).build(), eager);
        eager.next();
        assertThat(eager.next().getPixels().getValues().size()).isEqualTo(4);
        EventReader<ResumeRequest, ResumeResponse> asBefore = resume(generation.id(), 4);
        asBefore.next();
        generation.decide(5);
        generation.finish();
        assertThat(asBefore.next().getPixels().getValues().size()).isEqualTo(STEPS - 4);
        assertThat(asBefore.end()).isEqualTo(Status.OK);
    }
}
