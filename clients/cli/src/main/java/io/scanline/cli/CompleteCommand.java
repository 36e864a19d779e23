package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.Geometry;
import io.scanline.v1.Model;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "complete", description = "Continue a picture from its first rows.", sortOptions = false)
final class CompleteCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            required = true,
            description = "A PNG as wide as the model's images; its values become the nearest levels of the model.")
    private Path image;

    @Option(names = "--rows", paramLabel = "N", description = "Rows to keep (default: half of the model's rows).")
    private Integer rows;

    @Mixin
    private GenerationOptions options;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ConnectionOptions connectionOptions;

    CompleteCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        output.check();
        // Bad arguments are to be told before any server is asked.
        options.request(ByteString.EMPTY);
        try (Connection connection = connectionOptions.open()) {
            Model model = ModelLookup.serving(connection, connectionOptions, options.model().selector());
            if (model.getOrder() != GenerationOrder.GENERATION_ORDER_UNSPECIFIED && model.hasLatent()) {
                throw CommandFailure.badArgument("--model " + model.getName()
                        + " draws codes and not rows of pixels: give it codes with generate --prefix");
            }
            Geometry geometry = model.getGeometry();
            int kept = rows == null ? geometry.getHeight() / 2 : rows;
            if (kept < 0 || kept > geometry.getHeight()) {
                throw CommandFailure.badArgument(
                        "--rows must be 0 to " + geometry.getHeight() + " for this model, not " + kept);
            }
            byte[] given = LevelImages.readRows(image, geometry, kept);
            GenerateRequest request = options.request(ByteString.copyFrom(given));
            return new GenerationRun(console, connectionOptions, output).run(connection, request);
        }
    }
}
