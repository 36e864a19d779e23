package io.scanline.trainer.report;

import io.scanline.trainer.evaluation.MainFigure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Rows of results as a table in Markdown, with what does not fit in notes under it. */
public final class ResultsTable {
    private static final String NEW_LINE = "\n";
    private static final String JUDGED = "clip_score";
    private static final String INT8 = "likelihood_excess_int8";
    private static final String FP16 = "likelihood_excess_fp16";
    /** How figures that stand beside the main one are said, by name. */
    private static final Map<String, String> BESIDE = new LinkedHashMap<>();

    static {
        BESIDE.put(MainFigure.NATS, "%.2f nats/image");
        BESIDE.put(INT8, "%+.2f %% in int8");
        BESIDE.put(FP16, "%+.2f %% in fp16");
        BESIDE.put("psnr", "%.1f dB");
        BESIDE.put("perplexity", "perplexity %.0f");
        BESIDE.put("bits_per_code_empty_text", "%.3f given no text");
        BESIDE.put("bits_per_code_shuffled_captions", "%.3f given another's");
        BESIDE.put(JUDGED, "CLIP score %.1f");
        BESIDE.put("clip_score_shuffled_captions", "%.1f with another's caption");
        BESIDE.put("clip_score_best_of_4", "%.1f of the best of 4");
        BESIDE.put("clip_score_best_of_8", "%.1f of the best of 8");
        BESIDE.put("real_clip_score", "%.1f of real images");
        BESIDE.put("seen_clip_score", "%.1f of captions seen in training");
        BESIDE.put("right_caption", "caption found in %.0f %%");
        BESIDE.put("real_right_caption", "%.0f %% of real images");
        BESIDE.put("right_colour", "colour right in %.0f %%");
        BESIDE.put("right_shape", "shape in %.0f %%");
        BESIDE.put("right_relation", "relation in %.0f %%");
        BESIDE.put("right_scene", "scene in %.0f %%");
        BESIDE.put("right_scene_best_of_4", "%.0f %% of the best of 4");
        BESIDE.put("right_scene_best_of_8", "%.0f %% of the best of 8");
        BESIDE.put("real_right_scene", "%.0f %% of real images");
        BESIDE.put("named_caption", "called exactly so in %.0f %%");
        BESIDE.put("named_caption_best_of_8", "%.0f %% of the best of 8");
        BESIDE.put("real_named_caption", "%.0f %% of real images");
        BESIDE.put("bits_per_image", "%.0f bits/image");
        BESIDE.put("text_to_image_recall_5", "%.1f at 5");
        BESIDE.put("text_to_image_recall_10", "%.1f at 10");
        BESIDE.put("text_to_image_median_rank", "median rank %.0f");
        BESIDE.put("image_to_text_recall_1", "image to text %.1f");
        BESIDE.put("image_to_text_recall_5", "%.1f at 5");
        BESIDE.put("image_to_text_recall_10", "%.1f at 10");
        BESIDE.put("image_to_text_median_rank", "median rank %.0f");
        BESIDE.put("unseen_style_image_to_text_recall_1", "image to text in an unseen style %.1f");
        BESIDE.put("unseen_style_word_f1", "F1 of its words %.1f");
        BESIDE.put("exact_match", "%.1f of new subjects");
        BESIDE.put("word_f1", "F1 of their words %.1f");
        BESIDE.put("arrangement_accuracy", "arrangements of the same two %.1f");
        BESIDE.put("sharpness", "sharpness %.2f");
        BESIDE.put("edge_energy", "edge energy %.2f");
        BESIDE.put("reconstruction_frechet_distance", "Frechet distance of reconstructions %.3g");
        BESIDE.put("precision", "precision %.2f");
        BESIDE.put("recall", "recall %.2f");
        BESIDE.put("classes_covered", "%.0f classes covered");
    }

    private final String models;
    /** Their places are their numbers, from 1. */
    private final List<String> notes = new ArrayList<>();

    private ResultsTable(String models) {
        this.models = models;
    }

    /**
     * Renders rows.
     *
     * @param models the directory of models, relative to the file that the table is part of; ends with a slash unless
     *     it is empty
     */
    public static String render(List<ResultRow> rows, String models) {
        ResultsTable table = new ResultsTable(models);
        StringBuilder text = new StringBuilder();
        text.append("| model | family | data | ours | floor | published | protocol | parameters | minutes (images)")
                .append(" | picture |\n");
        text.append("|---|---|---|---|---|---|---|---|---|---|\n");
        rows.forEach(row -> text.append(table.line(row)).append(NEW_LINE));
        text.append(NEW_LINE);
        for (int note = 0; note < table.notes.size(); note++) {
            text.append(note + 1).append(". ").append(table.notes.get(note)).append(NEW_LINE);
        }
        return text.append(NEW_LINE).append(credits(rows)).append(NEW_LINE).toString();
    }

    private String line(ResultRow row) {
        return "| " + String.join(
                " | ",
                "`" + row.model() + "`",
                row.family(),
                row.dataSet(),
                ours(row),
                floor(row),
                row.publishedBest() == null
                        ? "none found"
                        : number(row, row.publishedBest()) + note(row.publishedSource()),
                protocol(row),
                parameters(row.parameters()),
                String.format(Locale.ROOT, "%.0f (%,d images)", row.trainingMinutes(), row.imagesSeen()),
                row.picture() == null ? "none" : "[picture](" + models + row.picture() + ")") + " |";
    }

    private String ours(ResultRow row) {
        String unit = row.unit().isEmpty() || row.unit().equals("%")
                ? (row.unit() + " " + row.metric().replace('_', ' ')).strip()
                : row.unit();
        StringBuilder text = new StringBuilder("**" + number(row, row.value()) + "** " + unit);
        row.figures().forEach((name, value) -> {
            String prefix = row.metric() + "_";
            if (name.startsWith(prefix) && name.substring(prefix.length()).matches("[0-9]+")) {
                text.append(", ").append(number(row, value)).append(" with ").append(name.substring(prefix.length()))
                        .append(" latents").append(note(row.protocols().get(name)));
            }
        });
        BESIDE.forEach((name, format) -> {
            if (row.figures().containsKey(name) && !row.metric().equals(name)) {
                text.append(", ").append(String.format(Locale.ROOT, format, row.figures().get(name)));
                if (name.equals(JUDGED) || name.equals(INT8) || name.equals(FP16)) {
                    text.append(note(row.protocols().get(name))); // by whom or on what, which is not of the main figure
                }
            }
        });
        if (row.figures().containsKey("code_usage")) {
            text.append(String.format(Locale.ROOT, ", %.0f %% of codes used", 100 * row.figures().get("code_usage")));
        }
        return text.toString();
    }

    private static String floor(ResultRow row) {
        String principal = row.figures().containsKey("pca_psnr")
                ? String.format(Locale.ROOT, "PCA %.1f dB", row.figures().get("pca_psnr"))
                : "";
        if (row.floor() == null) {
            return principal.isEmpty() ? "none" : principal;
        }
        String floor = number(row, row.floor());
        if (row.floorName().startsWith(MainFigure.CHANCE)) {
            return floor + " by guessing";
        }
        if (row.floorName().startsWith(MainFigure.REAL)) {
            return floor + " of real images";
        }
        return row.floorName().startsWith(MainFigure.PRINCIPAL)
                ? floor + ", " + principal
                : floor + " by counting" + (principal.isEmpty() ? "" : ", " + principal);
    }

    private String protocol(ResultRow row) {
        String kind =
                switch (row.metric()) {
                    case MainFigure.BITS, MainFigure.NATS -> "exact";
                    case "bits_per_code" -> "exact, of codes";
                    case "squared_error" -> "reconstruction";
                    case "accuracy" -> "classification";
                    case "text_to_image_recall_1" -> "retrieval";
                    case "exact_match", "unseen_style_exact_match" -> "captions";
                    case "frechet_distance" -> "distance of samples";
                    default -> "bound";
                };
        String measured = row.measured() == ResultRow.Measured.EXPORT ? "measured at export" : "measured by `evaluate`";
        String floor = row.floorSource() == null ? "" : "; floor: " + row.floorSource();
        return kind + ", " + measured + note(row.protocol() + "; values " + row.levels() + floor);
    }

    private String note(String text) {
        if (!notes.contains(text)) {
            notes.add(text);
        }
        return " (note " + (notes.indexOf(text) + 1) + ")";
    }

    private static String parameters(long count) {
        return count < 1_000_000
                ? String.format(Locale.ROOT, "%,d", count)
                : String.format(Locale.ROOT, "%.2f M", count / 1e6);
    }

    /** A number in the unit of the row's main figure. */
    private static String number(ResultRow row, double value) {
        String format =
                switch (row.unit()) {
                    case "nats/image" -> "%.2f";
                    case "bits/dim", "bits/code" -> "%.3f";
                    case "%" -> "%.1f";
                    default -> "%.4g";
                };
        return String.format(Locale.ROOT, format, value);
    }

    private static String credits(List<ResultRow> rows) {
        Set<String> credits = new LinkedHashSet<>();
        rows.forEach(row -> credits.add(row.dataSet() + ": " + row.credit() + ", " + row.licence()));
        return "Data: " + String.join("; ", credits) + ".";
    }
}
