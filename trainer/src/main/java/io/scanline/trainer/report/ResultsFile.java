package io.scanline.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows of models, a JSON object a line, by name and then by version.
 *
 * @param path the file; it need not exist yet
 */
public record ResultsFile(Path path) {
    private static final Comparator<ResultRow> BY_MODEL = Comparator.comparing(
                    (ResultRow row) -> row.model().substring(0, row.model().indexOf('/')))
            .thenComparingInt(row -> Integer.parseInt(row.model().substring(row.model().indexOf('/') + 1)));

    /**
     * All rows.
     *
     * @throws IOException when a line is no row; the message says which
     */
    public List<ResultRow> read() throws IOException {
        List<ResultRow> rows = new ArrayList<>();
        if (!Files.exists(path)) {
            return rows;
        }
        for (String line : Files.readAllLines(path)) {
            try {
                rows.add(ResultRow.parse(line));
            } catch (JsonProcessingException damaged) {
                throw new IOException(path + ", line " + (rows.size() + 1) + ": not a row of results: "
                        + damaged.getOriginalMessage(), damaged);
            }
        }
        return rows;
    }

    /** Writes the row of a model in the place of the one that it had. */
    public void put(ResultRow row) throws IOException {
        List<ResultRow> rows = read();
        rows.removeIf(other -> other.model().equals(row.model()));
        rows.add(row);
        rows.sort(BY_MODEL);
        StringBuilder text = new StringBuilder();
        rows.forEach(each -> text.append(each.json()).append('\n'));
        Path partial = path.resolveSibling(path.getFileName() + ".part");
        Files.writeString(partial, text);
        Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
    }
}
