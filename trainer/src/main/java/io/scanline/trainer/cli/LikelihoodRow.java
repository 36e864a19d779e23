package io.scanline.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.export.ExactLikelihood;
import java.util.List;
import java.util.Locale;

/**
 * What the evaluation of an autoregressive model found.
 *
 * @param bundle what was evaluated
 * @param dataSet on the test images of this data set
 * @param levels how those got their levels
 * @param testImages how many test images that has
 * @param likelihood of those that were evaluated
 * @param floors what counting gives on the same images, the lowest last
 * @param seconds of the evaluation
 */
record LikelihoodRow(
        Bundle bundle,
        String dataSet,
        String levels,
        int testImages,
        Likelihood likelihood,
        List<CountedFloor> floors,
        double seconds)
        implements Evaluation.Row {

    @Override
    public String json() {
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("family", bundle.getFamily());
        object.put("model", bundle.getName() + "/" + bundle.getVersion());
        object.put("data_set", dataSet);
        object.put("protocol", protocol());
        object.put("metric", "bits_per_dim");
        object.put("value", likelihood.bitsPerDim());
        object.put("nats_per_image", likelihood.natsPerImage());
        CountedFloor floor = floors.get(floors.size() - 1);
        object.put("floor", floor.likelihood().bitsPerDim());
        object.put("floor_source", floor.name());
        // No published likelihood with this quantisation was found, and others do not compare.
        object.putNull("published_best");
        object.putNull("published_source");
        object.put("sample_count", likelihood.images());
        object.put("seconds", Math.round(seconds * 1000) / 1000.0);
        try {
            return new ObjectMapper().writeValueAsString(object);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "%s %s (%s)", bundle.getName(), bundle.getVersion(), bundle.getFamily());
        line(text, "protocol: %s", protocol());
        line(text, "%-24s %9s %12s", "", "bits/dim", "nats/image");
        line(text, "%-24s %9.4f %12.2f", "this bundle", likelihood.bitsPerDim(), likelihood.natsPerImage());
        for (CountedFloor floor : floors) {
            Likelihood counted = floor.likelihood();
            line(text, "%-24s %9.4f %12.2f", floor.name(), counted.bitsPerDim(), counted.natsPerImage());
        }
        line(text, "published: no figure with this quantisation was found");
        return text.append(String.format(
                        Locale.ROOT, "%,d images in %.1f s", likelihood.images(), seconds))
                .toString();
    }

    private String protocol() {
        String images = likelihood.images() == testImages
                ? String.format(Locale.ROOT, "all %,d test images", testImages)
                : String.format(Locale.ROOT, "the first %,d of %,d test images", likelihood.images(), testImages);
        return String.format(
                Locale.ROOT,
                "%s of %s, %d x %d, %s; exact negative log-likelihood%s,"
                        + " %s; floors counted on the training images",
                images,
                dataSet,
                bundle.getGeometry().getWidth(),
                bundle.getGeometry().getHeight(),
                levels,
                bundle.hasConditioning() ? " given the class" : "",
                ExactLikelihood.method(bundle));
    }

    private static void line(StringBuilder text, String format, Object... arguments) {
        text.append(String.format(Locale.ROOT, format, arguments)).append(System.lineSeparator());
    }
}
