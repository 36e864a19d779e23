package io.scanline.cli;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Where the server is and how long to wait for it. */
final class ConnectionOptions {
    private static final Pattern CLIENT_NAME = Pattern.compile("[A-Za-z0-9._:@/-]{1,64}");
    private static final Metadata.Key<String> CLIENT_HEADER =
            Metadata.Key.of("scanline-client", Metadata.ASCII_STRING_MARSHALLER);

    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            defaultValue = "localhost:50051",
            description = "The server (default: ${DEFAULT-VALUE}).")
    private String target;

    @Option(names = "--tls", description = "Encrypt, and check the server's certificate by those that Java trusts.")
    private boolean tls;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            description = "Give up after this time; the server refuses at once what it cannot finish by then.")
    private Double deadline;

    @Option(
            names = "--client",
            paramLabel = "NAME",
            description = "Who asks: the server shares its slots between clients. Without it they are told apart by address.")
    private String client;

    /** A connection to the server. */
    Connection open() throws CommandFailure {
        if (deadline != null && !(deadline > 0 && deadline < 1e9)) {
            throw CommandFailure.badArgument("--deadline must be above 0 and below 1e9 seconds");
        }
        if (client != null && !CLIENT_NAME.matcher(client).matches()) {
            throw CommandFailure.badArgument("--client must have 1 to 64 letters, digits or characters of ._:@/-");
        }
        ManagedChannel channel;
        try {
            Metadata headers = new Metadata();
            if (client != null) {
                headers.put(CLIENT_HEADER, client);
            }
            channel = Grpc.newChannelBuilder(
                            target, tls ? TlsChannelCredentials.create() : InsecureChannelCredentials.create())
                    .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .build();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.badArgument("--target " + target + ": " + e.getMessage());
        }
        return new Connection(channel);
    }

    /** The stub with the deadline, which runs from now on. */
    <S extends AbstractStub<S>> S withDeadline(S stub) {
        return deadline == null ? stub : stub.withDeadlineAfter((long) (deadline * 1e9), TimeUnit.NANOSECONDS);
    }

    String target() {
        return target;
    }
}
