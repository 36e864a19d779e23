package io.scanline.cli;

import io.scanline.v1.Geometry;
import io.scanline.v1.LatentSpace;
import io.scanline.v1.Metric;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.PipelineStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Models as a table; further metrics and the names of their classes below each. */
final class ModelTable {
    private static final List<String> HEAD = List.of("NAME", "VERSION", "STATE", "IMAGES", "CLASSES", "METRIC");
    private static final String INDENT = "    ";

    private final int columns;

    /** A table for lines of this many characters: the rows do not wrap, what stands below them does. */
    ModelTable(int columns) {
        this.columns = columns;
    }

    List<String> lines(List<Model> models) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        models.forEach(model -> rows.add(row(model)));
        int[] widths = new int[HEAD.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(HEAD, widths));
        for (int i = 0; i < models.size(); i++) {
            lines.add(line(rows.get(i + 1), widths));
            lines.addAll(details(models.get(i)));
        }
        if (models.isEmpty()) {
            lines.add("(the server has no models)");
        }
        return lines;
    }

    private static List<String> row(Model model) {
        boolean serving = model.getState() == ModelState.MODEL_STATE_SERVING;
        return List.of(
                model.getName(),
                model.getVersion(),
                serving ? "serving" : "not serving",
                model.hasGeometry() ? geometry(model.getGeometry()) : "",
                model.getClassNamesCount() == 0 ? "" : Integer.toString(model.getClassNamesCount()),
                model.getMetricsCount() == 0 ? "" : metric(model.getMetrics(0)));
    }

    private static String geometry(Geometry geometry) {
        String channels = switch (geometry.getChannels()) {
            case 1 -> "grey";
            case 3 -> "RGB";
            case 4 -> "RGBA";
            default -> geometry.getChannels() + " channels";
        };
        return geometry.getWidth() + "x" + geometry.getHeight() + " " + channels + ", "
                + geometry.getLevels() + " levels";
    }

    private static String metric(Metric metric) {
        String figure =
                String.format(Locale.ROOT, "%s %.4g %s", metric.getName(), metric.getValue(), metric.getUnit()).strip();
        boolean usual = metric.getPrecision().isEmpty() || metric.getPrecision().equals("fp32");
        return usual ? figure : figure + " in " + metric.getPrecision();
    }

    private List<String> details(Model model) {
        List<String> lines = new ArrayList<>();
        if (!model.getNotServingReason().isEmpty()) {
            lines.add(INDENT + model.getNotServingReason());
        }
        lines.addAll(wrapped(model.getMetricsList().stream().skip(1).map(ModelTable::metric).toList()));
        if (model.getRecommendedTemperature() > 0 && model.getRecommendedTemperature() != 1) {
            lines.add(INDENT + "recommended temperature " + model.getRecommendedTemperature());
        }
        if (model.getPrecisionsCount() > 1) {
            String precisions = String.join(" or ", model.getPrecisionsList());
            lines.add(INDENT + "steps in " + precisions + ", the first unless asked");
        }
        if (model.hasPrompt()) {
            lines.add(INDENT + "draws texts of up to " + model.getPrompt().getContext() + " ids, recommended guidance "
                    + model.getPrompt().getRecommendedGuidance());
        }
        lines.addAll(wrapped(model.getStagesList().stream().map(ModelTable::stage).toList()));
        if (model.hasLatent()) {
            lines.add(INDENT + latent(model.getLatent()));
        }
        if (model.hasEmbedding()) {
            lines.add(INDENT + "vectors of " + model.getEmbedding().getDimensions() + " numbers, of images"
                    + (model.getEmbedding().getTexts() ? " and texts" : ""));
        }
        if (model.getCaptionTokens() > 0) {
            lines.add(INDENT + "says what an image shows in up to " + model.getCaptionTokens() + " tokens");
        }
        if (model.getClassifierNamesCount() > 0) {
            lines.addAll(wrapped(List.of("tells apart " + String.join(", ", model.getClassifierNamesList()))));
        }
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < model.getClassNamesCount(); i++) {
            classes.add(i + " " + model.getClassNames(i));
        }
        lines.addAll(wrapped(classes));
        return lines;
    }

    private static String stage(PipelineStage stage) {
        return stage.getName() + ": " + stage.getRole() + " of " + stage.getModel().getName() + "/"
                + stage.getModel().getVersion();
    }

    private static String latent(LatentSpace latent) {
        List<String> sides = latent.getShapeList().stream().map(String::valueOf).toList();
        String shape = latent.getKind() + " latent, " + String.join(" x ", sides);
        String codes = latent.getCodes() == 0 ? "" : " of " + latent.getCodes() + " codes";
        return shape + codes + (latent.getWithoutEncoder() ? ", no encoder" : "");
    }

    private List<String> wrapped(List<String> entries) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String entry : entries) {
            if (line.length() > 0 && line.length() + 3 + entry.length() > columns) {
                lines.add(line.append(',').toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? INDENT : ", ").append(entry);
        }
        if (line.length() > 0) {
            lines.add(line.toString());
        }
        return lines;
    }

    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
        }
        return line.toString().stripTrailing();
    }
}
