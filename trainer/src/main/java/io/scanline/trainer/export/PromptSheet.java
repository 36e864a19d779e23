package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.report.SampleSheet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A sheet of what a model makes of texts, a row for each.
 *
 * @param stored the bundle
 */
public record PromptSheet(StoredBundle stored) {
    private static final int SCALE = 3;

    /**
     * A row.
     *
     * @param title beside it
     * @param prompt what is drawn; what is too long for the model loses words at its end
     */
    public record Row(String title, String prompt) {
        /** One that says what it is of. */
        public Row(String prompt) {
            this(prompt.isEmpty() ? "(nothing in particular)" : prompt, prompt);
        }
    }

    /**
     * Draws images 0, 1, .. of a request for every row, of row i with seed {@code seed + i}.
     *
     * @param columns images of a row
     * @param guidance of classifier-free guidance; 1: none
     * @param temperature 0 to 10
     */
    public void write(List<Row> rows, int columns, float guidance, long seed, float temperature, Path file)
            throws IOException, OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        SampleSheet sheet = new SampleSheet(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), SCALE);
        List<String> texts = new ArrayList<>(List.of(""));
        rows.forEach(row -> texts.add(row.prompt()));
        try (PromptReader reader = new PromptReader(stored);
                PromptSampler sampler = new PromptSampler(stored, reader.conditions(texts), columns, guidance)) {
            for (int row = 0; row < rows.size(); row++) {
                int[] labels = new int[columns];
                Arrays.fill(labels, 1 + row);
                List<byte[]> shown = new ArrayList<>();
                for (byte[] levels : sampler.draw(labels, seed + row, 0, temperature)) {
                    shown.add(SampleGrid.intensities(levels, geometry.getLevelValues()));
                }
                sheet.row(rows.get(row).title(), shown);
            }
        }
        sheet.write(file);
    }

    /**
     * Refuses prompts that a server would refuse.
     *
     * @throws IllegalArgumentException whose message says why
     */
    public void require(List<String> prompts) throws IOException, OrtException {
        try (PromptReader reader = new PromptReader(stored)) {
            prompts.forEach(reader::ids);
        }
    }
}
