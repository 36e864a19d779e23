package io.scanline.trainer.cli;

import io.scanline.trainer.report.ResultsFile;
import io.scanline.trainer.report.ResultsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the table of results into a Markdown file, between two comments. */
@Command(
        name = "results",
        description = "Write the table of results into README.md, from the rows that evaluate --record wrote.")
final class ResultsCommand implements Callable<Integer> {
    private static final String NEW_LINE = "\n";
    private static final String BEGIN = "<!-- results -->\n";
    private static final String END = "<!-- end of results -->\n";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            defaultValue = "deploy/models/results.jsonl",
            description = "The rows; pictures are found beside it. Default: ${DEFAULT-VALUE}.")
    private Path file;

    @Option(
            names = "--readme",
            paramLabel = "FILE",
            defaultValue = "README.md",
            description = "Where the table goes, between the comments \"results\" and \"end of results\". Default:"
                    + " ${DEFAULT-VALUE}.")
    private Path readme;

    @Option(names = "--check", description = "Write nothing; fail when something would change.")
    private boolean check;

    @Override
    public Integer call() throws IOException {
        String text = Files.readString(readme);
        String rendered = rendered(text);
        if (check && !rendered.equals(text)) {
            throw new IOException(readme + " does not show what " + file + " says: run the command results");
        }
        if (!check) {
            Files.writeString(readme, rendered);
        }
        return 0;
    }

    private String rendered(String text) throws IOException {
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(readme + " has no lines " + BEGIN.strip() + " and " + END.strip());
        }
        Path models = readme.toAbsolutePath().getParent().relativize(file.toAbsolutePath().getParent());
        String prefix = models.toString().isEmpty() ? "" : models.toString().replace('\\', '/') + "/";
        return text.substring(0, begin + BEGIN.length())
                + NEW_LINE
                + ResultsTable.render(new ResultsFile(file).read(), prefix)
                + NEW_LINE
                + text.substring(end);
    }
}
