package io.scanline.server.transport;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what a handler throws into INTERNAL without detail, and writes the detail into the log. */
final class LastResort implements ServerInterceptor {
    private static final Logger LOG = LoggerFactory.getLogger(LastResort.class);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        GuardedCall<Q, A> guarded = new GuardedCall<>(call);
        try {
            return new GuardedListener<>(next.startCall(guarded, headers), guarded);
        } catch (RuntimeException fault) {
            guarded.fail(fault);
            return new ServerCall.Listener<>() {};
        }
    }

    /** A call that knows whether it was closed. */
    private static final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final AtomicBoolean closed = new AtomicBoolean();

        GuardedCall(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed.set(true);
            super.close(status, trailers);
        }

        void fail(RuntimeException fault) {
            LOG.error("{} failed", getMethodDescriptor().getFullMethodName(), fault);
            if (closed.compareAndSet(false, true)) {
                StatusRuntimeException status = Statuses.internal();
                super.close(status.getStatus(), status.getTrailers());
            }
        }
    }

    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final GuardedCall<Q, ?> call;

        GuardedListener(ServerCall.Listener<Q> listener, GuardedCall<Q, ?> call) {
            super(listener);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guard(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guard(super::onHalfClose);
        }

        @Override
        public void onCancel() {
            guard(super::onCancel);
        }

        @Override
        public void onComplete() {
            guard(super::onComplete);
        }

        @Override
        public void onReady() {
            guard(super::onReady);
        }

        private void guard(Runnable event) {
            try {
                event.run();
            } catch (RuntimeException fault) {
                call.fail(fault);
            }
        }
    }
}
