package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import io.scanline.server.runtime.GraphForm.BatchAxis;
import io.scanline.server.runtime.GraphForm.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares a tensor with what a description says of it, and says which form would fit if it is another one. */
final class FormAdvice {
    private FormAdvice() {}

    /** @throws GraphException with the form to describe, if there is one */
    static void require(Map<String, NodeInfo> tensors, BatchTensor wanted) throws GraphException {
        try {
            GraphSignature.require(tensors, wanted.name(), wanted.type(), wanted.shape(GraphSignature.ANY));
        } catch (GraphException mismatch) {
            NodeInfo node = tensors.get(wanted.name());
            Optional<String> advice = node != null && node.getInfo() instanceof TensorInfo found
                    ? advice(found, wanted) : Optional.empty();
            if (advice.isEmpty()) {
                throw mismatch;
            }
            throw new GraphException(mismatch.getMessage() + "; it would fit with \"forms\": {\"" + wanted.role()
                    + "\": {" + advice.get() + "}}", mismatch);
        }
    }

    /** The first form that fits, as it is written down. */
    private static Optional<String> advice(TensorInfo found, BatchTensor wanted) {
        for (BatchAxis axis : BatchAxis.values()) {
            for (boolean channelsLast : wanted.role().equals("image") ? List.of(false, true) : List.of(false)) {
                for (Element element : Element.values()) {
                    GraphForm form = new GraphForm(
                            axis, channelsLast, element, List.of(), List.of(), List.of(), GraphForm.Finish.NOTHING);
                    BatchTensor formed = new BatchTensor(
                            wanted.role(), wanted.name(), wanted.integers(), wanted.item(), form);
                    if (sensible(wanted, element) && formed.type() == found.type
                            && GraphSignature.fits(found.getShape(), formed.shape(GraphSignature.ANY))) {
                        return Optional.of(written(form));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static boolean sensible(BatchTensor wanted, Element element) {
        return switch (element) {
            case OWN -> true;
            case UINT8 -> wanted.role().equals("image");
            case INT32 -> wanted.integers();
        };
    }

    private static String written(GraphForm form) {
        List<String> fields = new ArrayList<>();
        if (form.axis() != BatchAxis.ANY) {
            fields.add("\"batchAxis\": \"BATCH_AXIS_" + form.axis() + "\"");
        }
        if (form.channelsLast()) {
            fields.add("\"layout\": \"LAYOUT_NHWC\"");
        }
        if (form.element() != Element.OWN) {
            fields.add("\"element\": \"ELEMENT_" + form.element() + "\"");
        }
        return String.join(", ", fields);
    }
}
