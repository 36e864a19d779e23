package io.scanline.server.transport;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingServerInterceptor;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.Generations;
import io.scanline.server.engine.HoldLimits;
import io.scanline.server.engine.ImageEngine;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All ports over one engine. The engine stays its caller's to close, after the server. */
public final class ScanlineServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ScanlineServer.class);
    private static final long LAST_WORDS_MILLIS = 500;

    private final ImageEngine engine;
    private final Generations generations;
    private final StreamWorkshop workshop;
    private final HealthBoard health;
    private final Server grpc;
    private final Server admin;
    private final com.linecorp.armeria.server.Server web;

    /** Opens the ports, with default limits of what is held. */
    public ScanlineServer(ImageEngine engine, PrometheusMeterRegistry registry, PortSettings settings)
            throws IOException {
        this(engine, registry, settings, HoldLimits.DEFAULT);
    }

    /**
     * Opens the ports; the gRPC port answers first.
     *
     * @throws IOException when a port cannot be opened
     */
    public ScanlineServer(
            ImageEngine engine, PrometheusMeterRegistry registry, PortSettings settings, HoldLimits limits)
            throws IOException {
        this.engine = engine;
        generations = new Generations(engine, limits, registry);
        workshop = new StreamWorkshop(registry, settings.gatherMillis());
        health = new HealthBoard(engine);
        Refusals refusals = new Refusals(registry);
        List<BindableService> services = List.of(
                new GenerationEndpoint(engine, generations, workshop, refusals),
                new LatentEndpoint(engine, workshop, refusals),
                new EmbeddingEndpoint(engine, workshop, refusals),
                new CaptionEndpoint(engine, workshop, refusals),
                new ModelEndpoint(engine));
        MessageSizeLimit size = new MessageSizeLimit(settings.maxMessageBytes(), refusals);
        MetricCollectingServerInterceptor metrics = new MetricCollectingServerInterceptor(registry);
        services.forEach(metrics::preregisterService);
        List<ServerInterceptor> interceptors = List.of(metrics, new LastResort(), new ClientName(refusals), size);
        grpc = RpcPorts.open(settings, services, interceptors, health.service(), size.transportLimit(),
                workshop.loops());
        admin = RpcPorts.openAdmin(settings, health.service());
        web = WebPort.open(settings, services, interceptors, health.service(), size.transportLimit(), registry,
                health::serving);
    }

    /** Prepares in the background what opening the ports needs, while the caller opens the engine. Optional. */
    public static void warmUp() {
        WebPort.warmUp();
    }

    /** Port of gRPC. */
    public int grpcPort() {
        return grpc.getPort();
    }

    /** Port of the page. */
    public int webPort() {
        return web.activeLocalPort();
    }

    /** Port of the administration. */
    public int adminPort() {
        return admin.getPort();
    }

    /**
     * Says that it serves no more, refuses new work, and waits until all work at hand is done and delivered.
     *
     * @return true: it was, in this time
     */
    public boolean drain(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        health.retire();
        grpc.shutdown();
        generations.drain();
        boolean done = engine.drain(atMost)
                && workshop.streams().awaitNone(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
        // The last words may still be on their way out; connections with a health watch stay open.
        grpc.awaitTermination(LAST_WORDS_MILLIS, TimeUnit.MILLISECONDS);
        return done;
    }

    /** Closes all ports; what still runs is cut off. */
    @Override
    public void close() {
        health.retire();
        grpc.shutdownNow();
        admin.shutdownNow();
        // Not awaited: Armeria's event loops linger for two seconds after their last request.
        web.stop().whenComplete((stopped, fault) -> {
            if (fault != null) {
                log.warn("The web port did not close in order", fault);
            }
        });
        generations.close();
        workshop.close();
    }
}
