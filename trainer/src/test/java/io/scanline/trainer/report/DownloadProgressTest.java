package io.scanline.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.data.RemoteFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DownloadProgressTest {
    @Test
    void everyFileGetsItsOwnBarThatEndsAtAHundredPercent() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        try (DownloadProgress progress = new DownloadProgress(file -> new ProgressBar(out, false,
                Duration.ofSeconds(10), () -> 0, file.name(), "kB", 0, DownloadProgress.kilobytes(file.bytes())))) {
            progress.received(file("images.gz", 2500), 1000);
            progress.received(file("images.gz", 2500), 2500);
            progress.received(file("labels.gz", 10), 10);
        }

        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).containsExactly(
                "images.gz  33% 1/3 kB", "images.gz 100% 3/3 kB", "labels.gz 100% 1/1 kB", "labels.gz 100% 1/1 kB");
    }

    private static RemoteFile file(String name, long bytes) {
        return new RemoteFile(name, bytes, "0".repeat(64), List.of(URI.create("http://localhost/" + name)));
    }
}
