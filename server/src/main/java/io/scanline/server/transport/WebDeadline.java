package io.scanline.server.transport;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Tells handlers the deadline of a call on the web port, which Armeria keeps to itself as its request timeout. */
final class WebDeadline implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServiceRequestContext request = ServiceRequestContext.current();
        long millis = request.requestTimeoutMillis();
        if (millis <= 0) {
            return next.startCall(call, headers);
        }
        ScheduledExecutorService clock = request.eventLoop().withoutContext();
        Context.CancellableContext context =
                Context.current().withDeadlineAfter(millis, TimeUnit.MILLISECONDS, clock);
        // Armeria ends the call at its timeout; the context only has to be let go of then.
        request.whenRequestCancelled().thenAccept(context::cancel);
        request.log().whenComplete().thenRun(() -> context.cancel(null));
        return Contexts.interceptCall(context, call, headers, next);
    }
}
