package io.scanline.server.transport;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens the two ports that speak gRPC through grpc-netty. */
final class RpcPorts {
    private static final int CHANNELZ_PAGE = 100;
    /** Bounds what one connection can hold open, health watches included. */
    private static final int MOST_CALLS_PER_CONNECTION = 1000;
    private static final int IDLE_SECONDS = 10;

    private RpcPorts() {}

    /** The public port: the services, health and reflection. */
    static Server open(
            PortSettings settings, List<BindableService> services, List<ServerInterceptor> interceptors,
            BindableService health, int transportLimit, SendingLoops loops) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder
                .forAddress(new InetSocketAddress(settings.host(), settings.grpc()))
                .maxInboundMessageSize(transportLimit)
                .maxConcurrentCallsPerConnection(MOST_CALLS_PER_CONNECTION)
                .executor(answering())
                .bossEventLoopGroup(loops.group())
                .workerEventLoopGroup(loops.group())
                .channelType(SendingLoops.serverChannel())
                // Finds readers that vanished without a word; allows clients to do the same.
                .keepAliveTime(60, TimeUnit.SECONDS)
                .keepAliveTimeout(20, TimeUnit.SECONDS)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        services.forEach(service ->
                builder.addService(ServerInterceptors.interceptForward(service, interceptors)));
        return builder.addService(health).addService(ProtoReflectionServiceV1.newInstance()).build().start();
    }

    /**
     * A few threads that admit and refuse, and wait for nobody: the default are as many as there are calls that come or
     * go at once. They end when there is nothing to do.
     */
    private static Executor answering() {
        int threads = Math.max(8, 2 * Runtime.getRuntime().availableProcessors());
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor few = new ThreadPoolExecutor(
                threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "grpc-answer-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        few.allowCoreThreadTimeOut(true);
        return few;
    }

    /** The administration's port, on the loopback address: channelz, health and reflection. */
    static Server openAdmin(PortSettings settings, BindableService health) throws IOException {
        return NettyServerBuilder
                .forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.admin()))
                .addService(ChannelzService.newInstance(CHANNELZ_PAGE))
                .addService(health)
                .addService(ProtoReflectionServiceV1.newInstance())
                .build()
                .start();
    }
}
