package io.scanline.server.transport;

import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.concurrent.TimeUnit;

/**
 * Tells handlers the deadline of a call on the web port, which Armeria keeps to itself as its request timeout. The engine
 * then ends the call with a reason; Armeria's own timeout, which has none, is put off and only catches what hangs.
 */
final class WebDeadline implements ServerInterceptor {
    private static final long GRACE_MILLIS = 1000;

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        ServiceRequestContext request = ServiceRequestContext.current();
        long millis = request.requestTimeoutMillis();
        if (millis <= 0) {
            return next.startCall(call, headers);
        }
        Deadline deadline = Deadline.after(millis, TimeUnit.MILLISECONDS);
        request.setRequestTimeoutMillis(TimeoutMode.EXTEND, GRACE_MILLIS);
        Context.CancellableContext context = Context.current().withDeadline(deadline, request.eventLoop().withoutContext());
        request.log().whenComplete().thenRun(() -> context.cancel(null));
        return Contexts.interceptCall(context, call, headers, next);
    }
}
