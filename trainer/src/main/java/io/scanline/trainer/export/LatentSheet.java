package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A sheet of what a latent model makes: samples where its latents have a distribution, or else images over their
 * reconstructions.
 *
 * @param session of the model
 */
public record LatentSheet(LatentSession session) {
    private static final int SCALE = 3;

    /** Whether latents have a distribution to draw from. */
    public boolean samples() {
        return session.bundle().getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN;
    }

    /**
     * Writes a sheet.
     *
     * @param images whose first ones are shown when there is nothing to draw from; not needed otherwise
     * @param rows of samples, or of images with a row of reconstructions below each
     * @param seed of samples: image r * columns + c of a request with it is in row r and column c
     */
    public void write(Optional<ImageSet> images, int rows, int columns, long seed, float temperature, Path file)
            throws IOException, OrtException {
        ImageGeometry geometry = session.bundle().getGeometry();
        SampleSheet sheet =
                new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        for (int row = 0; row < rows; row++) {
            int first = row * columns;
            if (samples()) {
                float[] latents = new float[columns * session.size()];
                for (int n = 0; n < columns; n++) {
                    System.arraycopy(
                            session.draw(seed, first + n, temperature), 0, latents, n * session.size(), session.size());
                }
                sheet.row("", shown(session.decode(latents).get("image"), columns));
            } else if (first < images.orElseThrow().size()) {
                ImageSet shown = images.orElseThrow();
                List<byte[]> originals = IntStream.range(first, Math.min(shown.size(), first + columns))
                        .mapToObj(shown::image)
                        .toList();
                sheet.row("image", originals.stream().map(this::intensities).toList());
                float[] latents = session.latents(session.encode(originals));
                sheet.row("reconstruction", shown(session.decode(latents).get("image"), originals.size()));
            }
        }
        sheet.write(file);
    }

    /** Decoded images as they are shown. */
    List<byte[]> shown(float[] images, int count) {
        List<byte[]> shown = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            shown.add(session.bundle().getGeometry().getLevels() == 2
                    ? grey(images, n)
                    : intensities(session.levels(images, n)));
        }
        return shown;
    }

    /** Mean intensities of binary images, which are grey: levels would hide how sure the model is. */
    private byte[] grey(float[] images, int n) {
        int values = values();
        byte[] grey = new byte[values];
        for (int i = 0; i < values; i++) {
            grey[i] = (byte) Math.round(255 * images[n * values + i]);
        }
        return grey;
    }

    private int values() {
        ImageGeometry geometry = session.bundle().getGeometry();
        return geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
    }

    private byte[] intensities(byte[] levels) {
        ByteString levelValues = session.bundle().getGeometry().getLevelValues();
        byte[] shown = new byte[levels.length];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = levelValues.byteAt(levels[i] & 0xFF);
        }
        return shown;
    }
}
