package io.scanline.server.transport;

import com.google.protobuf.MessageLite;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;

/**
 * Refuses messages above the limit with a reason. gRPC's own limit refuses without one, so it is set higher
 * ({@link #transportLimit()}) and only stops what is far too large before it is held in memory.
 */
final class MessageSizeLimit implements ServerInterceptor {
    private final int mostBytes;
    private final Refusals refusals;

    /** @param mostBytes of one encoded message */
    MessageSizeLimit(int mostBytes, Refusals refusals) {
        this.mostBytes = mostBytes;
        this.refusals = refusals;
    }

    /** Limit for the transport itself, in bytes. */
    int transportLimit() {
        return (int) Math.min(Integer.MAX_VALUE, 2L * mostBytes);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(Q message) {
                int bytes = ((MessageLite) message).getSerializedSize();
                if (bytes <= mostBytes) {
                    super.onMessage(message);
                    return;
                }
                refused = true;
                StatusRuntimeException status = Statuses.of(refusals.counted(EngineException.of(
                        Reason.MESSAGE_TOO_LARGE,
                        "the message has " + bytes + " bytes; the limit is " + mostBytes + " bytes")));
                call.close(status.getStatus(), status.getTrailers());
            }

            @Override
            public void onHalfClose() {
                // Without its message the handler would answer that it is missing.
                if (!refused) {
                    super.onHalfClose();
                }
            }
        };
    }
}
