package io.scanline.trainer.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Losses of a run in a CSV file, one line a step; empty where nothing was measured. */
public final class LossCurve {
    /** Name of the file in the directory of a run. */
    public static final String FILE = "loss.csv";

    private static final String HEADER = "step,learning_rate,gradient_norm,training_loss,validation_loss,opposing_loss";

    private final Path file;

    /**
     * One line.
     *
     * @param step steps taken before this one
     * @param training the network's loss of the batch: nats of a value where it is a likelihood
     * @param validation the same over the validation images with the averaged weights; NaN where not measured
     * @param opposing loss of the network's opponent; NaN when it has none
     */
    public record Point(
            int step, double learningRate, double gradientNorm, double training, double validation, double opposing) {
        private String line() {
            return step + "," + learningRate + "," + gradientNorm + "," + training + "," + cell(validation) + ","
                    + cell(opposing);
        }

        private static String cell(double measured) {
            return Double.isNaN(measured) ? "" : Double.toString(measured);
        }

        private static double number(String cell) {
            return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
        }

        private static Point parse(String line) {
            String[] cells = line.split(",", -1);
            return new Point(
                    Integer.parseInt(cells[0]),
                    Double.parseDouble(cells[1]),
                    Double.parseDouble(cells[2]),
                    Double.parseDouble(cells[3]),
                    number(cells[4]),
                    cells.length > 5 ? number(cells[5]) : Double.NaN); // runs of older trainers had no such column
        }
    }

    /** The curve kept in a file. */
    public LossCurve(Path file) {
        this.file = file;
    }

    /** Forgets what a killed run wrote after its last checkpoint. */
    void truncate(int steps) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        if (Files.exists(file)) {
            // A kill can leave a torn last line, but only after the checkpoint.
            Files.readAllLines(file).stream().skip(1).limit(steps).forEach(lines::add);
        }
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        Files.write(partial, lines); // aside: a kill here must not cost the lines that the checkpoint covers
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void append(Point point) throws IOException {
        Files.writeString(file, point.line() + System.lineSeparator(), StandardOpenOption.APPEND);
    }

    /** All points. */
    public List<Point> read() throws IOException {
        return Files.readAllLines(file).stream().skip(1).map(Point::parse).toList();
    }
}
