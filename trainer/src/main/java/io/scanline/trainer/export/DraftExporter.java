package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Gives a bundle what a server needs to guess several values and check them in one run: the count table that guesses,
 * and the graph that checks where the step graph cannot. Nothing is trained or measured again, and the model is the same.
 */
public final class DraftExporter {
    private DraftExporter() {}

    /**
     * Writes a bundle anew, in the place of what it was.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param stored what was read there; a model with autoregression that draws the values of images
     * @param training its training images, with its levels
     */
    public static void renew(Path directory, StoredBundle stored, ImageSet training)
            throws IOException, OrtException, InterruptedException {
        Bundle old = stored.bundle();
        BundleWriter.replace(directory, partial -> {
            for (File file : old.getFilesList()) {
                Path copy = partial.resolve(file.getPath());
                Files.createDirectories(copy.getParent());
                Files.copy(directory.resolve(file.getPath()), copy);
            }
            return addTo(stored, training, partial).toBuilder().clearFiles().build();
        });
    }

    /** Whether anything could check several guesses in one run: not where a step needs what the one before it left. */
    public static boolean possible(StoredBundle stored) throws InvalidProtocolBufferException {
        return stored.required(StepGraph.ROLE).getState().hasKeyValueCache()
                || WindowGraph.addTo(stored).graph(WindowGraph.ROLE).isPresent();
    }

    /**
     * Writes all graphs into the directory of a bundle and, where it is {@link #possible}, both of these.
     *
     * @return the description with them
     */
    static Bundle addTo(StoredBundle stored, ImageSet training, Path directory) throws IOException {
        StoredBundle windowed = WindowGraph.addTo(stored);
        for (Map.Entry<String, byte[]> graph : windowed.graphs().entrySet()) {
            Files.write(directory.resolve(graph.getKey()), graph.getValue());
        }
        return possible(stored) ? DraftTable.addTo(windowed.bundle(), training, directory) : windowed.bundle();
    }
}
