package io.scanline.trainer.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scanline.trainer.training.Expectation;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the built-in recipes. */
@Command(
        name = "recipes",
        description = "List the recipes that come with the trainer: what they train, on which data, the minutes that it"
                + " takes on two cores, the figure that came of it, and what they are for.")
final class RecipesCommand implements Callable<Integer> {
    private static final List<String> COLUMNS =
            List.of("recipe", "family", "data", "minutes", "figure", "description");
    private static final String NOT_RUN = "not run";

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print one JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<Recipe.Source> recipes = new ArrayList<>();
        for (String name : Recipe.builtIn()) {
            recipes.add(Recipe.load(name));
        }
        if (json) {
            recipes.forEach(recipe -> out.println(object(recipe)));
        } else {
            table(recipes).forEach(out::println);
        }
        return 0;
    }

    private static ObjectNode object(Recipe.Source source) {
        Recipe recipe = source.recipe();
        return new ObjectMapper()
                .createObjectNode()
                .put("recipe", recipe.name())
                .put("family", recipe.family())
                .put("data_set", recipe.dataset())
                .put("minutes", source.expected().minutes())
                .put("figure", source.expected().figure())
                .put("description", source.description());
    }

    /** Columns as wide as what is in them; the last one ends where it ends. */
    private static List<String> table(List<Recipe.Source> recipes) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(COLUMNS);
        recipes.forEach(recipe -> rows.add(row(recipe)));
        List<Integer> widths = IntStream.range(0, COLUMNS.size() - 1)
                .mapToObj(column ->
                        rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
                .toList();
        return rows.stream()
                .map(row -> IntStream.range(0, widths.size())
                        .mapToObj(column -> row.get(column) + " ".repeat(widths.get(column) - row.get(column).length()))
                        .collect(Collectors.joining("  ", "", "  " + row.get(widths.size()))))
                .toList();
    }

    private static List<String> row(Recipe.Source source) {
        Expectation expected = source.expected();
        return List.of(
                source.recipe().name(),
                source.recipe().family(),
                source.recipe().dataset(),
                expected.minutes() == null ? "-" : String.format(Locale.ROOT, "%.0f", expected.minutes()),
                expected.figure() == null ? NOT_RUN : expected.figure(),
                source.description());
    }
}
