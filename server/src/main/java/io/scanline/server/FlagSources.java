package io.scanline.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Where a flag that is not on the command line gets its value: {@code --web-port} from the environment's
 * {@code SCANLINE_WEB_PORT}, else from the line {@code web-port = 8080} of the configuration file, else its default.
 */
final class FlagSources implements IDefaultValueProvider {
    private static final String CONFIG = "--config";

    private final CommandLine command;
    private final Map<String, String> environment;
    private final String[] arguments;
    private Properties file;

    /** @param arguments of the command line, to find the configuration file before the flags are parsed */
    FlagSources(CommandLine command, Map<String, String> environment, String... arguments) {
        this.command = command;
        this.environment = environment;
        this.arguments = arguments;
    }

    /** @throws ParameterException when the configuration file cannot be read or sets a flag that does not exist */
    @Override
    public String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        String fromEnvironment = environment.get(variable(option.longestName()));
        String value = fromEnvironment != null ? fromEnvironment : file().getProperty(key(option.longestName()));
        return value == null ? null : value.strip();
    }

    private Properties file() {
        if (file == null) {
            ConfigFlag flag = new ConfigFlag();
            // The other arguments may be wrong in ways that are the real parser's to explain.
            new CommandLine(flag).setUnmatchedArgumentsAllowed(true).parseArgs(arguments);
            String named = flag.config != null ? flag.config : environment.get(variable(CONFIG));
            file = named == null ? new Properties() : read(Path.of(named));
        }
        return file;
    }

    private Properties read(Path path) {
        Properties flags = new Properties();
        try (BufferedReader reader = Files.newBufferedReader(path)) {
            flags.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(command, "Cannot read the configuration file " + path + ": " + e.getMessage(), e);
        }
        Set<String> unknown = new HashSet<>(flags.stringPropertyNames());
        command.getCommandSpec().options().forEach(option -> unknown.remove(key(option.longestName())));
        if (!unknown.isEmpty()) {
            throw new ParameterException(command, path + " sets what is no flag: " + String.join(", ", unknown));
        }
        return flags;
    }

    private static String key(String option) {
        return option.substring("--".length());
    }

    private static String variable(String option) {
        return "SCANLINE_" + key(option).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    private static final class ConfigFlag {
        @Option(names = CONFIG)
        private String config;
    }
}
