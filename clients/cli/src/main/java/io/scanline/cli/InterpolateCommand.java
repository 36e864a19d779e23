package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.cli.image.PngWriter;
import io.scanline.cli.stream.StreamViolation;
import io.scanline.v1.Geometry;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.InterpolationEnd;
import io.scanline.v1.InterpolationPath;
import io.scanline.v1.LatentServiceGrpc;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "interpolate",
        description = "Go from one picture to another through a model's latent space.",
        sortOptions = false)
final class InterpolateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    @Option(names = "--from", paramLabel = "FILE", required = true, description = "A PNG of the model's size.")
    private Path from;

    @Option(names = "--to", paramLabel = "FILE", required = true, description = "A PNG of the model's size.")
    private Path to;

    @Option(
            names = "--frames",
            paramLabel = "N",
            defaultValue = "16",
            description = "Frames, both ends included (default: ${DEFAULT-VALUE}).")
    private int frames;

    @Option(names = "--spherical", description = "Along the great circle instead of the straight line.")
    private boolean spherical;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "Write a PNG: one contact sheet, or one file for each frame if the name contains {i}.")
    private String out;

    @Mixin
    private ConnectionOptions connectionOptions;

    InterpolateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        int wanted = GenerationOptions.notNegative("--frames", frames);
        try (Connection connection = connectionOptions.open()) {
            Geometry geometry =
                    ModelLookup.serving(connection, connectionOptions, model.selector()).getGeometry();
            InterpolateRequest.Builder request = InterpolateRequest.newBuilder()
                    .setModel(model.selector())
                    .setFrom(end(from, geometry))
                    .setTo(end(to, geometry))
                    .setFrames(wanted)
                    .setPath(
                            spherical
                                    ? InterpolationPath.INTERPOLATION_PATH_SPHERICAL
                                    : InterpolationPath.INTERPOLATION_PATH_LINEAR);
            model.label().ifPresent(request::setLabel);
            Iterator<InterpolateResponse> stream = connectionOptions
                    .withDeadline(LatentServiceGrpc.newBlockingStub(connection.channel()))
                    .interpolate(request.build());
            for (Path file : PngWriter.write(out, receive(stream, geometry, wanted))) {
                console.out().print("wrote " + file + "\n");
            }
            return 0;
        }
    }

    private static InterpolationEnd end(Path file, Geometry geometry) throws IOException {
        return InterpolationEnd.newBuilder()
                .setImage(ByteString.copyFrom(LevelImages.readWhole(file, geometry)))
                .build();
    }

    private static List<BufferedImage> receive(Iterator<InterpolateResponse> stream, Geometry geometry, int wanted)
            throws StreamViolation {
        int size = geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
        List<BufferedImage> images = new ArrayList<>();
        while (stream.hasNext()) {
            InterpolateResponse frame = stream.next();
            if (frame.getIndex() != images.size() || frame.getValues().size() != size) {
                throw new StreamViolation("frame " + Integer.toUnsignedString(frame.getIndex()) + " with "
                        + frame.getValues().size() + " values arrived where frame " + images.size() + " with " + size
                        + " was due");
            }
            for (int i = 0; i < size; i++) {
                if ((frame.getValues().byteAt(i) & 0xFF) >= geometry.getLevels()) {
                    throw new StreamViolation("frame " + images.size() + ": value " + i + " is no level");
                }
            }
            images.add(LevelImages.toImage(geometry, frame.getValues().toByteArray()));
        }
        if (images.size() != wanted) {
            throw new StreamViolation("the stream ended after " + images.size() + " frames of " + wanted);
        }
        return images;
    }
}
