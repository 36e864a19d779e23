package io.scanline.cli;

import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.Model;
import io.scanline.v1.ModelServiceGrpc;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "models", description = "List the models of the server.", sortOptions = false)
final class ModelsCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--json", description = "Print every model as one JSON object a line, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    ModelsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        try (Connection connection = connectionOptions.open()) {
            List<Model> models = connectionOptions
                    .withDeadline(ModelServiceGrpc.newBlockingStub(connection.channel()))
                    .listModels(ListModelsRequest.getDefaultInstance())
                    .getModelsList();
            if (json) {
                EventPrinter printer = new EventPrinter(console.out());
                for (Model model : models) {
                    printer.print(model);
                }
            } else {
                for (String line : new ModelTable(console.columns()).lines(models)) {
                    console.out().print(PlainText.line(line) + "\n");
                }
            }
            return 0;
        }
    }
}
