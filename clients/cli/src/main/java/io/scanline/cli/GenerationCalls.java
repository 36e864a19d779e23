package io.scanline.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GenerationServiceGrpc.GenerationServiceBlockingStub;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import java.util.Iterator;

/** The calls of GenerationService that a command makes. */
final class GenerationCalls {
    private final Connection connection;
    private final ConnectionOptions options;

    GenerationCalls(Connection connection, ConnectionOptions options) {
        this.connection = connection;
        this.options = options;
    }

    Iterator<GenerateResponse> generate(GenerateRequest request) {
        return stub().generate(request);
    }

    Iterator<GenerateResponse> resume(ResumeRequest request) {
        Iterator<ResumeResponse> responses = stub().resume(request);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return responses.hasNext();
            }

            @Override
            public GenerateResponse next() {
                return responses.next().getResponse();
            }
        };
    }

    /** Answers how many images were given up. */
    int cancel(CancelRequest request) {
        return stub().cancel(request).getImages();
    }

    private GenerationServiceBlockingStub stub() {
        return options.withDeadline(GenerationServiceGrpc.newBlockingStub(connection.channel()));
    }

    /** Whether a call ended because nobody could be reached, and not because the server said so. */
    static boolean lostConnection(StatusRuntimeException failure) {
        com.google.rpc.Status said = StatusProto.fromThrowable(failure);
        return failure.getStatus().getCode() == Status.Code.UNAVAILABLE
                && (said == null || said.getDetailsCount() == 0);
    }
}
