package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Latent;
import io.scanline.v1.LatentServiceGrpc;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "encode", description = "Tell the latents of pictures under a model.", sortOptions = false)
final class EncodeCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            required = true,
            description = "A PNG of the size of the model's images; values become the nearest levels. Repeatable.")
    private List<Path> images;

    @Option(names = "--json", description = "Print the answer as one JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    EncodeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        try (Connection connection = connectionOptions.open()) {
            Geometry geometry =
                    ModelLookup.serving(connection, connectionOptions, model.selector()).getGeometry();
            EncodeRequest.Builder request = EncodeRequest.newBuilder().setModel(model.selector());
            model.label().ifPresent(request::setLabel);
            for (Path image : images) {
                request.addImages(ByteString.copyFrom(LevelImages.readWhole(image, geometry)));
            }
            EncodeResponse response = connectionOptions
                    .withDeadline(LatentServiceGrpc.newBlockingStub(connection.channel()))
                    .encode(request.build());
            if (json) {
                new EventPrinter(console.out()).print(response);
            } else {
                response.getLatentsList().forEach(latent -> console.out().print(line(latent) + "\n"));
            }
            return 0;
        }
    }

    /** The numbers of one latent: components, means, or codes. */
    private static String line(Latent latent) {
        List<? extends Number> numbers = switch (latent.getKindCase()) {
            case VECTOR -> latent.getVector().getValuesList();
            case GAUSSIAN -> latent.getGaussian().getMeanList();
            case TOKENS -> latent.getTokens().getCodesList();
            case KIND_NOT_SET -> List.of();
        };
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
