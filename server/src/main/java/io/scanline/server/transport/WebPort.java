package io.scanline.server.transport;

import com.linecorp.armeria.common.ServerCacheControl;
import com.linecorp.armeria.common.grpc.GrpcSerializationFormats;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.file.FileService;
import com.linecorp.armeria.server.file.HttpFile;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.healthcheck.HealthCheckService;
import com.linecorp.armeria.server.prometheus.PrometheusExpositionService;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** The port for browsers: the page, gRPC-Web to the same services, metrics and a health check. */
final class WebPort {
    /** The page needs nothing from elsewhere and carries no inline script; pictures are drawn from blobs. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";
    /** Handlers only hand over to the engine and never wait. */
    private static final int HANDLER_THREADS = 4;

    private WebPort() {}

    static Server open(
            PortSettings settings, List<BindableService> services, List<ServerInterceptor> interceptors,
            BindableService health, int transportLimit, PrometheusMeterRegistry registry, BooleanSupplier serving) {
        List<ServerInterceptor> all = new ArrayList<>();
        all.add(new WebDeadline());
        all.addAll(interceptors);
        var grpc = GrpcService.builder()
                .addService(health)
                .supportedSerializationFormats(GrpcSerializationFormats.values())
                .maxRequestMessageLength(transportLimit)
                // On the event loop Armeria can call onReady from within onNext (line/armeria#6938).
                .useBlockingTaskExecutor(true);
        services.forEach(service -> grpc.addService(ServerInterceptors.interceptForward(service, all)));
        Server server = Server.builder()
                .http(new InetSocketAddress(settings.host(), settings.web()))
                .disableServerHeader()
                .requestTimeout(Duration.ZERO)
                .maxRequestLength(transportLimit + 1024L)
                .blockingTaskExecutor(HANDLER_THREADS)
                .gracefulShutdownTimeout(Duration.ZERO, Duration.ofSeconds(1))
                .service("/metrics", PrometheusExpositionService.of(registry.getPrometheusRegistry()))
                .service("/healthz", HealthCheckService.builder().checkers(serving::getAsBoolean).longPolling(0).build())
                .service("/proto/scanline.binpb", descriptors())
                // Their paths carry their version.
                .serviceUnder("/_static/", files("META-INF/resources/_static", ServerCacheControl.IMMUTABLE))
                .serviceUnder("/", files("web", ServerCacheControl.REVALIDATED))
                .service(grpc.build())
                .build();
        server.start().join();
        return server;
    }

    private static HttpService descriptors() {
        return HttpFile.builder(WebPort.class.getClassLoader(), "io/scanline/scanline.binpb")
                .addHeader("x-content-type-options", "nosniff")
                .build()
                .asService();
    }

    private static HttpService files(String directory, ServerCacheControl caching) {
        return FileService.builder(WebPort.class.getClassLoader(), directory)
                .cacheControl(caching)
                .addHeader("content-security-policy", CONTENT_SECURITY_POLICY)
                .addHeader("x-content-type-options", "nosniff")
                .addHeader("referrer-policy", "no-referrer")
                .build();
    }
}
