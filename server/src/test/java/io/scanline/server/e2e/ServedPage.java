package io.scanline.server.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A browser and a server for the tests of a class. After each of them nothing may stand on the browser's console. */
final class ServedPage implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private final List<Path> chosen; // none: all that we ship
    private Path copies; // null: none
    private ServerProcess server;
    private Browser browser;

    private ServedPage(List<Path> chosen) {
        this.chosen = chosen;
    }

    /** Before all the models that we ship. */
    static ServedPage ofShippedModels() {
        return new ServedPage(List.of());
    }

    /** Before these models and no others: directories of names. */
    static ServedPage of(Path... models) {
        return new ServedPage(List.of(models));
    }

    /** A model among the resources of the tests. */
    static Path tiny(String model) {
        return Path.of("src", "test", "resources", "models", model);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Path models = ServerProcess.SHIPPED_MODELS;
        if (!chosen.isEmpty()) {
            copies = Files.createTempDirectory("scanline-page-");
            models = copies;
            for (Path model : chosen) {
                Bundles.copy(model, copies.resolve(model.getFileName()));
            }
        }
        browser = Browser.start();
        server = ServerProcess.start(models);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(browser.consoleErrors()).isEmpty();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
        if (copies != null) {
            Bundles.delete(copies);
        }
    }

    Browser browser() {
        return browser;
    }

    ServerProcess server() {
        return server;
    }

    /** The page, opened anew. */
    GeneratorPage open() {
        return GeneratorPage.open(browser, server.webPort());
    }
}
