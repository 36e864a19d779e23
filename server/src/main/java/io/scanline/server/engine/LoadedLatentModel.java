package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.util.List;

/** A verified bundle with its encoder, if it has one, and its decoder, proved on its golden samples. */
final class LoadedLatentModel implements Releasable {
    private final Bundle bundle;
    private final String digest;
    private final BatchGraph encoder; // null: it only draws
    private final BatchGraph decoder;

    private LoadedLatentModel(Bundle bundle, String digest, BatchGraph encoder, BatchGraph decoder) {
        this.bundle = bundle;
        this.digest = digest;
        this.encoder = encoder;
        this.decoder = decoder;
    }

    /** Loads one graph, given what the description says of it. */
    private interface Described {
        List<BatchTensor> of(Bundle bundle) throws GraphException;
    }

    /**
     * Loads its graphs and replays the golden samples.
     *
     * @param compute what computes a run
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedLatentModel load(VerifiedBundle verified, Compute compute) throws EngineException {
        BatchGraph encoder = LatentDescription.encodes(verified.bundle())
                ? load(verified, LatentDescription.ENCODER, LatentDescription::encoderInputs,
                        LatentDescription::encoderOutputs, compute)
                : null;
        LoadedLatentModel model = null;
        boolean proved = false;
        try {
            BatchGraph decoder = load(verified, LatentDescription.DECODER, LatentDescription::decoderInputs,
                    LatentDescription::decoderOutputs, compute);
            model = new LoadedLatentModel(verified.bundle(), verified.digest(), encoder, decoder);
            new LatentGoldenReplay(model, compute).check(verified);
            proved = true;
            return model;
        } finally {
            if (!proved && model != null) {
                model.close();
            } else if (!proved && encoder != null) {
                encoder.close();
            }
        }
    }

    private static BatchGraph load(
            VerifiedBundle verified, String role, Described inputs, Described outputs, Compute compute)
            throws EngineException {
        Bundle bundle = verified.bundle();
        Graph graph = BundleDescription.graph(bundle, role);
        try {
            return BatchGraph.load(
                    verified.files().get(graph.getFile()), inputs.of(bundle), outputs.of(bundle),
                    graph.getConstantsMap(), compute);
        } catch (GraphException refused) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, graph.getFile() + ": " + refused.getMessage(), refused);
        }
    }

    Bundle bundle() {
        return bundle;
    }

    /** Digest of its bundle. */
    String digest() {
        return digest;
    }

    /**
     * Takes the memory for batches of so many images.
     *
     * @throws EngineException BUNDLE_TOO_LARGE, BUNDLE_GRAPH_INVALID
     */
    LatentCodec newCodec(int largest) throws EngineException {
        LatentCodec codec = new LatentCodec(bundle);
        boolean opened = false;
        try {
            codec.open(encoder, decoder, largest);
            opened = true;
            return codec;
        } catch (GraphException refused) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "no memory for a run: " + refused.getMessage(), refused);
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        } finally {
            if (!opened) {
                codec.close();
            }
        }
    }

    /** Frees the graphs. Their codecs must not run any more. */
    @Override
    public void close() {
        if (encoder != null) {
            encoder.close();
        }
        decoder.close();
    }
}
