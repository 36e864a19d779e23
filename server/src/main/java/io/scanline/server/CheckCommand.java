package io.scanline.server;

import io.scanline.server.engine.BundleCheck;
import io.scanline.server.engine.BundleSeal;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Explains what is wrong with a bundle or with every bundle of a repository. */
@Command(
        name = "check",
        description = "Examines a bundle (NAME/VERSION) or a repository as the server would at load.",
        mixinStandardHelpOptions = true,
        footer = {"", "Prints 'NAME/VERSION: OK' or 'NAME/VERSION: REASON: sentence'. Exit code 0: all are OK."})
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Directory of a bundle or of a repository.")
    private Path directory;

    @Option(names = "--seal",
            description = "First complete a bundle.json written by hand: list the files with their digests, and if "
                    + "there are no golden samples, make one of what the graphs answer here.")
    private boolean seal;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(spec.commandLine(), directory + " is not a directory.");
        }
        Path root = directory.toAbsolutePath().normalize();
        boolean isBundle = Files.exists(root.resolve("bundle.json"));
        if (seal && !isBundle) {
            throw new ParameterException(spec.commandLine(), "--seal wants a directory that has a bundle.json.");
        }
        List<Path> bundles = isBundle ? List.of() : versions(root);
        // Nothing that looks like a version inside: then it is meant to be a bundle, and the check says what it lacks.
        boolean allGood = true;
        for (Path bundle : bundles.isEmpty() ? List.of(root) : bundles) {
            allGood &= good(bundle, EngineConfig.defaults(root));
        }
        return allGood ? 0 : 1;
    }

    private boolean good(Path bundle, EngineConfig config) throws IOException {
        String name = bundle.getParent().getFileName() + "/" + bundle.getFileName();
        try {
            if (seal) {
                BundleSeal.seal(bundle, config);
            }
            List<String> precisions = BundleCheck.check(bundle, config).precisions();
            String variants = precisions.size() > 1 ? " (steps in " + String.join(", ", precisions) + ")" : "";
            spec.commandLine().getOut().println(name + ": OK" + variants);
            return true;
        } catch (EngineException fault) {
            spec.commandLine().getOut().println(name + ": " + fault.reason() + ": " + fault.getMessage());
            return false;
        }
    }

    /** The directories NAME/VERSION, in order. */
    private static List<Path> versions(Path repository) throws IOException {
        List<Path> versions = new ArrayList<>();
        for (Path name : directories(repository)) {
            versions.addAll(directories(name));
        }
        return versions;
    }

    private static List<Path> directories(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().toList();
        }
    }
}
