package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.Geometry;
import io.scanline.v1.MaskedValues;
import io.scanline.v1.Model;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "complete",
        description = "Continue a picture from its first rows, or draw a part of it anew.",
        sortOptions = false)
final class CompleteCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            required = true,
            description = "A PNG of the size of the model's images, or with --rows as wide; its values become the "
                    + "nearest levels of the model.")
    private Path image;

    @Option(names = "--rows", paramLabel = "N", description = "Rows to keep (default: half of the model's rows).")
    private Integer rows;

    @Option(
            names = "--mask",
            paramLabel = "FILE",
            description = "A PNG of the same size: what is bright in it is drawn anew, what is dark is kept.")
    private Path mask;

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
        if (rows != null && mask != null) {
            throw CommandFailure.badArgument("--rows and --mask exclude each other");
        }
        try (Connection connection = connectionOptions.open()) {
            Model model = ModelLookup.serving(connection, connectionOptions, options.model().selector());
            if (model.getOrder() != GenerationOrder.GENERATION_ORDER_UNSPECIFIED && model.hasLatent()) {
                throw CommandFailure.badArgument("--model " + model.getName()
                        + " draws codes and not rows of pixels: give it codes with generate --prefix");
            }
            GenerateRequest request =
                    mask == null ? continued(model.getGeometry()) : drawnAnew(model.getGeometry());
            return new GenerationRun(console, connectionOptions, output).run(connection, request);
        }
    }

    private GenerateRequest continued(Geometry geometry) throws CommandFailure, IOException {
        int kept = rows == null ? geometry.getHeight() / 2 : rows;
        if (kept < 0 || kept > geometry.getHeight()) {
            throw CommandFailure.badArgument(
                    "--rows must be 0 to " + geometry.getHeight() + " for this model, not " + kept);
        }
        return options.request(ByteString.copyFrom(LevelImages.readRows(image, geometry, kept)));
    }

    private GenerateRequest drawnAnew(Geometry geometry) throws CommandFailure, IOException {
        MaskedValues given = MaskedValues.newBuilder()
                .setValues(ByteString.copyFrom(LevelImages.readWhole(image, geometry)))
                .setMask(ByteString.copyFrom(LevelImages.readMask(mask, geometry)))
                .build();
        return options.request(ByteString.EMPTY).toBuilder().setGiven(given).build();
    }
}
