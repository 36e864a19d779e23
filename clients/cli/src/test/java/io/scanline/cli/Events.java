package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageResult;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.Pixels;
import io.scanline.v1.Preview;
import io.scanline.v1.Started;
import io.scanline.v1.Tokens;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/** Builds what a server sends. */
public final class Events {
    private Events() {}

    /** Grey images with intensities spread evenly from black to white. */
    public static Geometry grey(int width, int height, int levels) {
        return geometry(width, height, 1, levels);
    }

    /** Images with intensities spread evenly. */
    public static Geometry geometry(int width, int height, int channels, int levels) {
        byte[] intensities = new byte[levels];
        for (int level = 0; level < levels; level++) {
            intensities[level] = (byte) (255 * level / (levels - 1));
        }
        return Geometry.newBuilder()
                .setWidth(width)
                .setHeight(height)
                .setChannels(channels)
                .setLevels(levels)
                .setLevelValues(ByteString.copyFrom(intensities))
                .build();
    }

    /** The first message. */
    public static Started started(Geometry geometry) {
        return Started.newBuilder()
                .setGenerationId("generation-1")
                .setModel(ModelSelector.newBuilder().setName("tiny").setVersion("1"))
                .setBundleDigest("sha256:" + "0".repeat(64))
                .setSeed(42)
                .setGeometry(geometry)
                .setOrder(GenerationOrder.GENERATION_ORDER_RASTER)
                .setSteps(geometry.getWidth() * geometry.getHeight() * geometry.getChannels())
                .setEtaMs(1500)
                .build();
    }

    /** The first message of a model that draws codes. */
    public static Started startedWithCodes(Geometry geometry, int columns, int rows, int codes) {
        return started(geometry).toBuilder()
                .setSteps(columns * rows)
                .setCodes(CodeGrid.newBuilder().setColumns(columns).setRows(rows).setCodes(codes))
                .build();
    }

    /** Codes of one image. */
    public static GenerateResponse tokens(long sequence, int image, int first, Integer... codes) {
        return GenerateResponse.newBuilder()
                .setTokens(Tokens.newBuilder()
                        .setSequence(sequence)
                        .setImageIndex(image)
                        .setFirstIndex(first)
                        .addAllCodes(List.of(codes)))
                .build();
    }

    /** Values of one image. */
    public static Pixels pixels(long sequence, int image, int first, int... values) {
        return Pixels.newBuilder()
                .setSequence(sequence)
                .setImageIndex(image)
                .setFirstIndex(first)
                .setValues(ByteString.copyFrom(bytes(values)))
                .build();
    }

    /** The last message, with the digests of these images. */
    public static Finished finished(byte[]... images) {
        Finished.Builder finished = Finished.newBuilder();
        for (int i = 0; i < images.length; i++) {
            finished.addImages(ImageResult.newBuilder()
                    .setImageIndex(i)
                    .setSha256(sha256(images[i]))
                    .setLogLikelihoodNats(-2)
                    .setBitsPerDim(0.5 + i)
                    .setFinishReason(FinishReason.FINISH_REASON_COMPLETE)
                    .setFirstPixelUs(1500)
                    .setTotalUs(9000));
        }
        return finished.build();
    }

    /** An event with this message inside. */
    public static GenerateResponse event(Started started) {
        return GenerateResponse.newBuilder().setStarted(started).build();
    }

    /** An event with this message inside. */
    public static GenerateResponse event(Pixels pixels) {
        return GenerateResponse.newBuilder().setPixels(pixels).build();
    }

    /** An event with this message inside. */
    public static GenerateResponse event(Preview preview) {
        return GenerateResponse.newBuilder().setPreview(preview).build();
    }

    /** An event with this message inside. */
    public static GenerateResponse event(Finished finished) {
        return GenerateResponse.newBuilder().setFinished(finished).build();
    }

    /** One byte for every number. */
    public static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static ByteString sha256(byte[] values) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(values));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
