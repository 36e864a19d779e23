package io.scanline.server.e2e;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ImageResult;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.Sampling;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What grpc-netty answers, for comparison with what the page shows. */
final class GrpcReference implements AutoCloseable {
    private final ManagedChannel channel;

    GrpcReference(int port) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    ManagedChannel channel() {
        return channel;
    }

    /** The request that the page makes of these choices. */
    GenerateRequest.Builder request(String name, int label, long seed) {
        Model model = ModelServiceGrpc.newBlockingStub(channel)
                .listModels(ListModelsRequest.getDefaultInstance()).getModelsList().stream()
                .filter(candidate -> candidate.getName().equals(name))
                .findFirst().orElseThrow();
        // The slider moves in steps of 0.01.
        float temperature = Math.round(model.getRecommendedTemperature() * 100) / 100f;
        return GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(model.getName()).setVersion(model.getVersion()))
                .setLabel(ClassLabel.newBuilder().setIndex(label))
                .setSeed(seed)
                .setSampling(Sampling.newBuilder().setTemperature(temperature));
    }

    /** The SHA-256 of every image of a request, in hexadecimal digits. */
    List<String> digests(GenerateRequest.Builder request) {
        GenerateResponse last = GenerateResponse.getDefaultInstance();
        var responses = GenerationServiceGrpc.newBlockingStub(channel).generate(request.build());
        while (responses.hasNext()) {
            last = responses.next();
        }
        return last.getFinished().getImagesList().stream()
                .map(ImageResult::getSha256)
                .map(digest -> HexFormat.of().formatHex(digest.toByteArray()))
                .toList();
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
}
