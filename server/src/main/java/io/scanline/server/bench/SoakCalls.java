package io.scanline.server.bench;

import io.scanline.v1.GenerateInteractiveRequest;
import io.scanline.v1.GenerateInteractiveResponse;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc.GenerationServiceStub;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The streams that one user of a soak has opened since it last let go of them. */
final class SoakCalls {
    private final GenerationServiceStub stub;
    private final List<SoakCall<?, ?>> open = new ArrayList<>();

    SoakCalls(GenerationServiceStub stub) {
        this.stub = stub;
    }

    SoakCall<GenerateRequest, GenerateResponse> generate(GenerateRequest.Builder request) {
        return generate(stub, request);
    }

    SoakCall<GenerateRequest, GenerateResponse> generate(GenerateRequest.Builder request, int deadlineMillis) {
        return generate(stub.withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS), request);
    }

    private SoakCall<GenerateRequest, GenerateResponse> generate(
            GenerationServiceStub patient, GenerateRequest.Builder request) {
        SoakCall<GenerateRequest, GenerateResponse> call = new SoakCall<>(message -> message);
        patient.generate(request.build(), call);
        open.add(call);
        return call;
    }

    SoakCall<ResumeRequest, ResumeResponse> resume(ResumeRequest.Builder request) {
        SoakCall<ResumeRequest, ResumeResponse> call = new SoakCall<>(ResumeResponse::getResponse);
        stub.resume(request.build(), call);
        open.add(call);
        return call;
    }

    SoakCall<GenerateInteractiveRequest, GenerateInteractiveResponse> interactive(GenerateRequest.Builder start) {
        SoakCall<GenerateInteractiveRequest, GenerateInteractiveResponse> call =
                new SoakCall<>(GenerateInteractiveResponse::getResponse);
        stub.generateInteractive(call);
        open.add(call);
        call.send(GenerateInteractiveRequest.newBuilder().setStart(start).build());
        return call;
    }

    /** Gives up those that have not ended. What comes for a stream that is only forgotten is never freed. */
    void letGo() {
        open.forEach(SoakCall::abandon);
        open.clear();
    }
}
