package io.scanline.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.scanline.server.engine.TinyBundle;
import io.scanline.server.runtime.Device;
import io.scanline.server.runtime.DeviceCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandLineTest {
    @TempDir
    Path directory;

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commands = Main.commandLine(environment, arguments);
        commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int code = commands.execute(arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Outcome run(String line) {
        return run(Map.of(), line.split(" "));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "serve --nonsense", "serve --port eighty", "serve --port 65536", "serve --device gpu", "serve --slots 0",
        "serve --models /nowhere/at/all", "serve --drain-seconds -1", "check", "check /nowhere/at/all", "bench",
        "nonsense", "bench stream --rounds 0", "serve --models . --max-importance-samples 0",
        "bench stream --gather-ms 1001", "serve --models . --gather-ms -1", "serve --models . --gather-ms 1001",
        "serve --models . --max-frames 1", "serve --models . --guess maybe", "serve --models . --max-picture-pixels 0",
        "serve --models . --max-inputs x", "serve --models . --embedding-cache-bytes -1",
        "serve --models . --client-weights a=0", "serve --models . --precision int4",
        "serve --models . --precision nobody=int8", "serve --models . --precision fp32,int8",
        "serve --models . --client-weights a=x", "serve --models . --client-weights a=1,b=1001",
        "serve --models . --overtakes 0", "serve --models . --max-queue-per-client -1", "serve --config /nowhere/at/all"
    })
    void badArgumentsExitWithTwo(String line) {
        Outcome outcome = run(line);

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).isNotEmpty();
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void cudaIsRefusedWithWhatToInstallWhereOnnxRuntimeIsBuiltWithoutIt() throws Exception {
        assumeThat(DeviceCheck.builtFor(Device.cuda(0))).isFalse();
        Outcome outcome = run("serve --device cuda:0 --log-format text --models " + directory);

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines().findFirst()).hasValue(
                "--device cuda:0: this ONNX Runtime was built without CUDA. Build the server with -Pcuda and install CUDA"
                        + " 12 and cuDNN 9 (README, CUDA), or use cpu.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "257"})
    void lengthOfChunksHasLimits(String length) {
        Outcome outcome = run("serve --chunk " + length + " --models " + directory);

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--chunk is " + length + "; it must be 1 to 256.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpu", "cuda", "cuda:", "cuda:-1", "cuda:x", "CUDA:0", "cuda:0 "})
    void deviceIsOneOfThree(String device) {
        Outcome outcome = run(Map.of(), "serve", "--device", device, "--models", directory.toString());

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--device is auto, cpu or cuda:N, not " + device + ".");
    }

    @Test
    void commandLineCountsMostThenTheEnvironmentThenTheFile() throws IOException {
        Path config = Files.writeString(directory.resolve("server.properties"), "port = 70001\nweb-port = 70011\n");

        Outcome fromFile = run(Map.of(), "serve", "--config", config.toString());
        Outcome fromEnvironment = run(Map.of("SCANLINE_CONFIG", config.toString(), "SCANLINE_PORT", "70002"), "serve");
        Outcome fromLine = run(Map.of("SCANLINE_PORT", "70002", "SCANLINE_WEB_PORT", "70012"),
                "serve", "--config=" + config, "--port", "0");

        assertThat(fromFile.err()).contains("--port is 70001");
        assertThat(fromEnvironment.err()).contains("--port is 70002");
        assertThat(fromLine.err()).contains("--web-port is 70012");
    }

    @Test
    void precisionThatAModelDoesNotHaveIsRefusedByName() {
        String models = "serve --models " + TinyBundle.repository() + " --precision ";

        assertThat(run(models + "tiny-int8=int4").err())
                .contains("--precision: \"int4\" is no precision; there are fp32");
        assertThat(run(models + "nobody=int8").err()).contains("--precision: there is no model \"nobody\"");
        Outcome outcome = run(models + "tiny-int8=int8 --precision tiny=int8");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--precision: the model \"tiny\" has no step graph in int8.");
    }

    @Test
    void unknownFlagInTheFileIsRefused() throws IOException {
        Path config = Files.writeString(directory.resolve("server.properties"), "prot = 1\n");

        Outcome outcome = run(Map.of(), "serve", "--config", config.toString());

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("prot");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--port", "--web-port", "--admin-port"})
    void portInUseExitsWithOne(String flag) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            Outcome outcome = run("serve --host 127.0.0.1 --models " + directory
                    + " --port 0 --web-port 0 --admin-port 0".replace(flag + " 0", flag + " " + port));

            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).contains("scanline-server: ", port).doesNotContain("\tat ");
        }
    }

    @Test
    void checkOfAGoodRepositorySaysOk() {
        Outcome outcome = run(Map.of(), "check", TinyBundle.repository().toString());

        assertThat(outcome.code()).isZero();
        assertThat(outcome.out().lines()).contains("tiny/1: OK", "tiny-int8/1: OK (steps in fp32, int8)");
    }

    @Test
    void checkOfABundleNamesWhatIsWrong() throws IOException {
        Path bundle = directory.resolve("tiny/1");
        try (Stream<Path> files = Files.walk(TinyBundle.directory())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = bundle.resolve(TinyBundle.directory().relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        Files.delete(bundle.resolve("step.onnx"));

        Outcome ofBundle = run(Map.of(), "check", bundle.toString());
        Outcome ofRepository = run(Map.of(), "check", directory.toString());

        assertThat(ofBundle.code()).isEqualTo(1);
        assertThat(ofBundle.out()).startsWith("tiny/1: BUNDLE_FILE_MISSING: ");
        assertThat(ofRepository).isEqualTo(ofBundle);
    }

    @Test
    void sealWantsABundle() {
        Outcome outcome = run(Map.of(), "check", "--seal", directory.toString());

        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--seal wants a directory that has a bundle.json");
    }

    @Test
    void sealNamesWhatIsWrong() throws IOException {
        Path bundle = Files.createDirectories(directory.resolve("tiny/1"));
        Files.writeString(bundle.resolve("bundle.json"), "{\"graphs\": [{\"role\": \"classifier\"}]}");

        Outcome outcome = run(Map.of(), "check", "--seal", bundle.toString());

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).startsWith("tiny/1: BUNDLE_DESCRIPTION_INVALID: ").contains("geometry.width");
    }

    @Test
    void checkOfADirectoryWithoutABundleSaysSo() {
        Outcome outcome = run(Map.of(), "check", directory.toString());

        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).contains("BUNDLE_DESCRIPTION_MISSING");
    }
}
