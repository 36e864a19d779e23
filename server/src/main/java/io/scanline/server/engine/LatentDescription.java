package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Observation;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;

/** What a description says of a latent space and its graphs, which make an image at once. */
final class LatentDescription {
    static final String ENCODER = "encoder";
    static final String DECODER = "decoder";

    private static final int MAX_COMPONENTS = 65536;
    private static final int MAX_SIDE = 256;
    private static final int MAX_CODES = 65536;
    private static final int MAX_DRAWN_CODES = 256; // a code that is drawn is a byte, as every drawn value is

    /** Contract name of the class in a graph. */
    private static final String LABEL = "label";

    private LatentDescription() {}

    /** Whether the model makes an image at once from a latent. */
    static boolean atOnce(Bundle bundle) {
        return !bundle.hasAutoregression() && bundle.hasLatent();
    }

    /** Whether the model is a prior over codes: it draws them one by one, and the image is made of them at once. */
    static boolean prior(Bundle bundle) {
        return bundle.hasAutoregression() && bundle.hasLatent();
    }

    /** Whether it has the graph that makes latents of images. */
    static boolean encodes(Bundle bundle) {
        return BundleDescription.findGraph(bundle, ENCODER).isPresent();
    }

    /** Graphs that it must have: one whose latents are normal and have no likelihood may only draw. */
    static List<String> roles(Bundle bundle) {
        LatentSpace latent = bundle.getLatent();
        boolean mayOnlyDraw = atOnce(bundle)
                && latent.getKind() == LatentKind.LATENT_KIND_GAUSSIAN
                && latent.getObservation() == Observation.OBSERVATION_UNSPECIFIED;
        return mayOnlyDraw ? List.of(DECODER) : List.of(ENCODER, DECODER);
    }

    /** Components of one latent. */
    static int size(Bundle bundle) {
        return bundle.getLatent().getShapeList().stream().reduce(1, (a, b) -> a * b);
    }

    /** Checks ranges, as bundle.proto states them. */
    static void check(Bundle bundle) throws EngineException {
        LatentSpace latent = bundle.getLatent();
        boolean tokens = latent.getKind() == LatentKind.LATENT_KIND_TOKENS;
        boolean prior = prior(bundle);
        require(
                tokens || !prior,
                "there are both autoregression and latent, a prior over codes: latent.kind must be LATENT_KIND_TOKENS");
        require(
                tokens || latent.getKind() == LatentKind.LATENT_KIND_VECTOR
                        || latent.getKind() == LatentKind.LATENT_KIND_GAUSSIAN,
                "latent.kind must be LATENT_KIND_VECTOR, LATENT_KIND_GAUSSIAN or LATENT_KIND_TOKENS");
        require(
                latent.getShapeCount() == (tokens ? 2 : 1),
                "latent.shape has %d numbers; it must be %s", latent.getShapeCount(), tokens ? "[h, w]" : "[D]");
        for (int side : latent.getShapeList()) {
            requireRange("latent.shape", side, 1, tokens ? MAX_SIDE : MAX_COMPONENTS);
        }
        if (tokens) {
            requireRange("latent.codes", latent.getCodes(), 2, prior ? MAX_DRAWN_CODES : MAX_CODES);
        } else {
            require(latent.getCodes() == 0, "latent.codes is set, but the latent is not one of codes");
        }
        require(
                latent.getObservation() != Observation.UNRECOGNIZED,
                "latent.observation %d is not known to this server", latent.getObservationValue());
    }

    /** Inputs of the encoder. */
    static List<BatchTensor> encoderInputs(Bundle bundle) throws GraphException {
        Graph graph = BundleDescription.graph(bundle, ENCODER);
        return labelled(bundle, graph, tensor(graph, "image", false, image(bundle)));
    }

    /** Outputs of the encoder. */
    static List<BatchTensor> encoderOutputs(Bundle bundle) throws GraphException {
        Graph graph = BundleDescription.graph(bundle, ENCODER);
        List<Integer> shape = bundle.getLatent().getShapeList();
        return switch (bundle.getLatent().getKind()) {
            case LATENT_KIND_VECTOR -> List.of(tensor(graph, "latent", false, shape));
            case LATENT_KIND_GAUSSIAN ->
                List.of(tensor(graph, "mean", false, shape), tensor(graph, "log_variance", false, shape));
            default -> List.of(tensor(graph, "tokens", true, shape));
        };
    }

    /** Inputs of the decoder. */
    static List<BatchTensor> decoderInputs(Bundle bundle) throws GraphException {
        Graph graph = BundleDescription.graph(bundle, DECODER);
        boolean tokens = bundle.getLatent().getKind() == LatentKind.LATENT_KIND_TOKENS;
        List<Integer> shape = bundle.getLatent().getShapeList();
        return labelled(bundle, graph, tensor(graph, tokens ? "tokens" : "latent", tokens, shape));
    }

    /** Outputs of the decoder: the picture, and what the observation needs besides. */
    static List<BatchTensor> decoderOutputs(Bundle bundle) throws GraphException {
        Graph graph = BundleDescription.graph(bundle, DECODER);
        BatchTensor picture = tensor(graph, "image", false, image(bundle));
        return switch (bundle.getLatent().getObservation()) {
            case OBSERVATION_BERNOULLI -> List.of(picture, tensor(graph, "logits", false, image(bundle)));
            case OBSERVATION_GAUSSIAN -> List.of(picture, tensor(graph, "log_deviation", false, image(bundle)));
            default -> List.of(picture);
        };
    }

    private static List<Integer> image(Bundle bundle) {
        ImageGeometry geometry = bundle.getGeometry();
        return List.of(geometry.getChannels(), geometry.getHeight(), geometry.getWidth());
    }

    private static List<BatchTensor> labelled(Bundle bundle, Graph graph, BatchTensor input) throws GraphException {
        List<BatchTensor> inputs = new ArrayList<>(List.of(input));
        if (takesLabel(bundle, graph)) {
            inputs.add(tensor(graph, LABEL, true, List.of()));
        }
        return inputs;
    }

    /** Encoder and decoder of a prior seldom know of classes, which its codes are drawn by. */
    private static boolean takesLabel(Bundle bundle, Graph graph) {
        return bundle.getConditioning().getClassNamesCount() > 0 && (!prior(bundle) || graph.containsTensors(LABEL));
    }

    static BatchTensor tensor(Graph graph, String role, boolean integers, List<Integer> item)
            throws GraphException {
        String name = graph.getTensorsMap().get(role);
        if (name == null || name.isEmpty()) {
            throw new GraphException("the description names no tensor for \"" + role + "\"");
        }
        return new BatchTensor(role, name, integers, item, FormDescription.of(graph, role, item));
    }
}
