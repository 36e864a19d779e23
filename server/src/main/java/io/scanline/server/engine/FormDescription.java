package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.BatchAxis;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Finish;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Layout;
import io.scanline.bundle.v1.TensorForm;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.GraphForm;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a description says of tensors that do not look as the contract says: those of graphs exported elsewhere. */
final class FormDescription {
    private static final Set<String> ROLES = Set.of(
            LatentDescription.ENCODER, LatentDescription.DECODER, Stage.EMBED_IMAGE.role(), Stage.EMBED_TEXT.role(),
            Stage.CLASSIFY.role());
    private static final Set<String> INTEGERS = Set.of("label", "tokens", "lengths", "mask");
    private static final String IMAGE = "image";
    private static final int MAX_AXES = 7;
    private static final int MAX_SIDE = 65536;

    private FormDescription() {}

    /** Checks that every form means something. */
    static void check(Bundle bundle) throws EngineException {
        for (Graph graph : bundle.getGraphsList()) {
            require(
                    ROLES.contains(graph.getRole()) || graph.getFormsCount() == 0 && graph.getConstantsCount() == 0,
                    "a graph of role \"%s\" cannot have forms or constants", graph.getRole());
            for (Map.Entry<String, TensorForm> form : graph.getFormsMap().entrySet()) {
                require(
                        graph.containsTensors(form.getKey()),
                        "there is a form of \"%s\", but tensors of the graph \"%s\" do not name it",
                        form.getKey(), graph.getRole());
                check(graph.getRole(), form.getKey(), form.getValue());
            }
        }
    }

    private static void check(String graph, String role, TensorForm form) throws EngineException {
        require(
                form.getBatchAxis() != BatchAxis.UNRECOGNIZED && form.getLayout() != Layout.UNRECOGNIZED
                        && form.getElement() != Element.UNRECOGNIZED && form.getFinish() != Finish.UNRECOGNIZED,
                "the form of \"%s\" says something that is not known to this server", role);
        require(
                form.getElement() != Element.ELEMENT_INT8 && form.getElement() != Element.ELEMENT_FLOAT16,
                "the form of \"%s\" says %s; only a keyValueCache may", role, form.getElement());
        boolean image = role.equals(IMAGE);
        require(
                image || form.getLayout() == Layout.LAYOUT_UNSPECIFIED,
                "the form of \"%s\" has a layout; only \"image\" has one", role);
        require(
                image || form.getElement() != Element.ELEMENT_UINT8,
                "the form of \"%s\" says ELEMENT_UINT8; only \"image\" may", role);
        require(
                INTEGERS.contains(role) || form.getElement() != Element.ELEMENT_INT32,
                "the form of \"%s\" says ELEMENT_INT32, but its numbers are float32", role);
        require(!image || form.getShapeCount() == 0, "the form of \"image\" has a shape; it is that of the geometry");
        requireRange("the length of shape in the form of \"" + role + '"', form.getShapeCount(), 0, MAX_AXES);
        for (int side : form.getShapeList()) {
            requireRange("shape in the form of \"" + role + '"', side, 1, MAX_SIDE);
        }
        checkScale(role, form);
        require(
                form.getFinish() != Finish.FINISH_LENGTH_ONE || role.equals("embedding"),
                "the form of \"%s\" says FINISH_LENGTH_ONE; only \"embedding\" may", role);
        require(
                form.getFinish() != Finish.FINISH_LOGARITHM
                        || role.equals("logits") && graph.equals(Stage.CLASSIFY.role()),
                "the form of \"%s\" says FINISH_LOGARITHM; only \"logits\" of a classifier may", role);
    }

    private static void checkScale(String role, TensorForm form) throws EngineException {
        int means = form.getMeanCount();
        require(
                means == form.getDeviationCount(),
                "the form of \"%s\" has %d numbers of mean and %d of deviation; they come in pairs",
                role, means, form.getDeviationCount());
        require(
                means == 0 || (role.equals(IMAGE) || role.equals("latent"))
                        && form.getElement() == Element.ELEMENT_UNSPECIFIED,
                "the form of \"%s\" has mean and deviation; only \"image\" and \"latent\" of float32 may", role);
        require(
                form.getMeanList().stream().allMatch(Float::isFinite)
                        && form.getDeviationList().stream().allMatch(each -> Float.isFinite(each) && each > 0),
                "the form of \"%s\" must have finite means, and finite deviations above 0", role);
    }

    /**
     * The form of a tensor of a checked description.
     *
     * @param item its shape in the contract, of one item
     * @throws GraphException when the form does not fit that shape
     */
    static GraphForm of(Graph graph, String role, List<Integer> item) throws GraphException {
        if (!graph.containsForms(role)) {
            return GraphForm.PLAIN;
        }
        TensorForm form = graph.getFormsOrThrow(role);
        int first = item.isEmpty() ? 1 : item.get(0);
        int means = form.getMeanCount();
        if (means > 1 && means != first) {
            throw new GraphException("the form of \"" + role + "\" has " + means
                    + " numbers of mean; it must be one for all, or " + first);
        }
        if (form.getShapeCount() > 0 && numbers(form.getShapeList()) != numbers(item)) {
            throw new GraphException("the form of \"" + role + "\" has the shape " + form.getShapeList()
                    + "; in the contract one item has " + item + ", and it must be as many numbers");
        }
        return new GraphForm(
                axis(form.getBatchAxis()),
                form.getLayout() == Layout.LAYOUT_NHWC,
                element(form.getElement()),
                form.getShapeList(),
                form.getMeanList(),
                form.getDeviationList(),
                finish(form.getFinish()));
    }

    private static double numbers(List<Integer> shape) {
        return shape.stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b);
    }

    private static GraphForm.BatchAxis axis(BatchAxis axis) {
        return switch (axis) {
            case BATCH_AXIS_ONE -> GraphForm.BatchAxis.ONE;
            case BATCH_AXIS_NONE -> GraphForm.BatchAxis.NONE;
            default -> GraphForm.BatchAxis.ANY;
        };
    }

    private static GraphForm.Element element(Element element) {
        return switch (element) {
            case ELEMENT_UINT8 -> GraphForm.Element.UINT8;
            case ELEMENT_INT32 -> GraphForm.Element.INT32;
            default -> GraphForm.Element.OWN;
        };
    }

    private static GraphForm.Finish finish(Finish finish) {
        return switch (finish) {
            case FINISH_LENGTH_ONE -> GraphForm.Finish.LENGTH_ONE;
            case FINISH_LOGARITHM -> GraphForm.Finish.LOGARITHM;
            default -> GraphForm.Finish.NOTHING;
        };
    }
}
