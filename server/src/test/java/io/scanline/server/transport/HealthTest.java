package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.channelz.v1.GetServersRequest;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.scanline.v1.CadenceMode;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What load balancers and operators ask. */
class HealthTest {
    private ScriptedEngine engine;
    private TestServer server;

    @BeforeEach
    void start() {
        engine = new ScriptedEngine(4, 4);
        server = new TestServer(engine);
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private ServingStatus check(String name) {
        return HealthGrpc.newBlockingStub(server.channel)
                .check(HealthCheckRequest.newBuilder().setService(name).build()).getStatus();
    }

    @Test
    void checkAnswersForServerServicesAndModels() {
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("scanline.v1.GenerationService")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("scanline.v1.ModelService")).isEqualTo(ServingStatus.SERVING);
        // No model of this engine has a latent space.
        assertThat(check("scanline.v1.LatentService")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(check(ScriptedEngine.SERVING)).isEqualTo(ServingStatus.SERVING);
        assertThat(check(ScriptedEngine.SERVING + "/1")).isEqualTo(ServingStatus.SERVING);
        assertThat(check(ScriptedEngine.CORRUPT)).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(check(ScriptedEngine.CORRUPT + "/1")).isEqualTo(ServingStatus.NOT_SERVING);
        assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> check("nobody")).getStatus().getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void watchersHearOfTheDrainAndNewRequestsAreRefused() throws Exception {
        Iterator<HealthCheckResponse> watch = HealthGrpc.newBlockingStub(server.channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .watch(HealthCheckRequest.newBuilder().setService(ScriptedEngine.SERVING).build());
        assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);

        assertThat(server.server.drain(Duration.ofSeconds(5))).isTrue();

        assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
        StreamReader late = StreamReader.eager();
        server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), late);
        assertThat(late.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void drainWaitsUntilStreamsAreDelivered() throws Exception {
        StreamReader reader = StreamReader.onlyWhenTold();
        server.generation().generate(TestServer.request(CadenceMode.CADENCE_MODE_PIXEL).build(), reader);
        ScriptedGeneration generation = engine.next();

        assertThat(server.server.drain(Duration.ofMillis(50))).isFalse();
        generation.finish();
        reader.read(100);

        assertThat(server.server.drain(Duration.ofSeconds(10))).isTrue();
        assertThat(reader.end()).isEqualTo(Status.OK);
    }

    @Test
    void reflectionListsTheServices() throws Exception {
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> asking =
                ServerReflectionGrpc.newStub(server.channel).serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        names.complete(response.getListServicesResponse().getServiceList().stream()
                                .map(ServiceResponse::getName).toList());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        names.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(names.get(10, TimeUnit.SECONDS)).contains("scanline.v1.GenerationService",
                "scanline.v1.LatentService",
                "scanline.v1.ModelService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
        asking.onCompleted();
    }

    @Test
    void channelzOnTheAdminPortKnowsTheServers() throws Exception {
        ManagedChannel admin = NettyChannelBuilder.forAddress("127.0.0.1", server.server.adminPort())
                .usePlaintext().build();

        var channelz = ChannelzGrpc.newBlockingStub(admin);
        assertThat(channelz.getServers(GetServersRequest.getDefaultInstance()).getServerList())
                .hasSizeGreaterThanOrEqualTo(2);
        admin.shutdownNow();
    }
}
