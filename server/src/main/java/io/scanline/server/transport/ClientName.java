package io.scanline.server.transport;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.regex.Pattern;

/**
 * Knows by name who calls, so that clients can share what there is: by the header {@code scanline-client}, which a
 * gateway sets for those behind it, or else by the address that the call comes from. Nobody proves a name: where
 * clients must not take more than their share by many names, what stands in front of the server sets the header.
 */
final class ClientName implements ServerInterceptor {
    static final Metadata.Key<String> HEADER =
            Metadata.Key.of("scanline-client", Metadata.ASCII_STRING_MARSHALLER);

    private static final Context.Key<String> NAME = Context.key("scanline-client");
    private static final int LONGEST = 64;
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._:@/-]{1," + LONGEST + "}");

    private final Refusals refusals;

    ClientName(Refusals refusals) {
        this.refusals = refusals;
    }

    /** Who makes the current call; empty: nobody knows. */
    static String current() {
        String name = NAME.get();
        return name == null ? "" : name;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String given = headers.get(HEADER);
        if (given != null && !ALLOWED.matcher(given).matches()) {
            StatusRuntimeException status = Statuses.of(refusals.counted(EngineException.field(
                    Reason.CLIENT_NAME_INVALID,
                    HEADER.name(),
                    "the header " + HEADER.name() + " must have 1 to " + LONGEST
                            + " letters, digits or characters of ._:@/-")));
            call.close(status.getStatus(), status.getTrailers());
            return new ServerCall.Listener<>() {};
        }
        String name = given == null ? address(call) : given;
        return Contexts.interceptCall(Context.current().withValue(NAME, name), call, headers, next);
    }

    /** Without the port, which every connection has another of. */
    private static String address(ServerCall<?, ?> call) {
        SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        if (peer == null) { // Armeria keeps it to itself
            ServiceRequestContext web = ServiceRequestContext.currentOrNull();
            peer = web == null ? null : web.remoteAddress();
        }
        return peer instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "";
    }
}
