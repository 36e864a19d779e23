package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DownloadTest {
    private static final int SIZE = 300_000;

    @TempDir
    Path cache;

    private final byte[] content = new byte[SIZE];
    private final List<Long> received = new ArrayList<>();
    private FileServer server;

    @BeforeEach
    void startServer() throws IOException {
        new Random(7).nextBytes(content);
        server = new FileServer(content);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void fileIsFetchedWithProgressAndNothingElseIsLeft() throws Exception {
        Path file = download().fetch(file(server.address()));

        assertThat(file).isEqualTo(cache.resolve("file.gz")).hasBinaryContent(content);
        assertThat(received).isSorted().endsWith((long) SIZE);
        assertThat(names()).containsExactly("file.gz");
    }

    @Test
    void existingGoodFileIsNotFetchedAgain() throws Exception {
        Files.write(cache.resolve("file.gz"), content);

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void existingBadFileIsReplaced() throws Exception {
        Files.write(cache.resolve("file.gz"), new byte[] {1, 2, 3});

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
    }

    @Test
    void brokenConnectionIsResumedWhereItBroke() throws Exception {
        server.breaks.addAll(List.of(100_000, 50_000));

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests()).hasSize(3);
        assertThat(server.requests().get(0)).isEqualTo("whole");
        // The client may lose some of the last bytes before the break, but never asks for what it has.
        assertThat(server.requests().subList(1, 3)).allMatch(request -> request.matches("bytes=[1-9]\\d*- \"one\""));
        assertThat(received).isSorted();
    }

    @Test
    void laterProcessGoesOnFromThePart() throws Exception {
        server.breaks.addAll(List.of(90_000, 0, 0, 0, 0));
        assertThatThrownBy(() -> download().fetch(file(server.address()))).isInstanceOf(IOException.class);
        assertThat(cache.resolve("file.gz")).doesNotExist();
        int before = server.requests().size();

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests().subList(before, server.requests().size()))
                .singleElement()
                .asString()
                .startsWith("bytes=");
    }

    @Test
    void serverWithoutRangesSendsTheWholeFileAgain() throws Exception {
        server.supportsRanges = false;
        server.breaks.add(100_000);

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void connectionThatBreaksOftenIsFineAsLongAsItBringsSomething() throws Exception {
        server.breaks.addAll(List.of(30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000));

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests()).hasSize(8);
    }

    @Test
    void serverWithoutRangesThatAlwaysBreaksIsGivenUp() throws IOException {
        server.supportsRanges = false;
        server.breaks.addAll(Collections.nCopies(50, 100_000));

        assertThatThrownBy(() -> download().fetch(file(server.address()))).isInstanceOf(IOException.class);
        assertThat(server.requests()).hasSizeLessThan(50);
    }

    @Test
    void lengthNotStatedIsFine() throws Exception {
        server.statesLength = false;

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
    }

    @Test
    void fileThatChangedBetweenAttemptsIsFetchedFromTheStart() throws Exception {
        server.content = new byte[SIZE];
        server.breaks.addAll(List.of(90_000, 0, 0, 0, 0));
        assertThatThrownBy(() -> download().fetch(file(server.address()))).isInstanceOf(IOException.class);
        server.content = content;
        server.etag = "\"two\"";

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
    }

    @Test
    void weakValidatorIsNotUsedAndWrongPartIsFetchedAgain() throws Exception {
        server.etag = "W/\"weak\"";
        server.content = new byte[SIZE];
        server.breaks.addAll(List.of(90_000, 0, 0, 0, 0));
        assertThatThrownBy(() -> download().fetch(file(server.address()))).isInstanceOf(IOException.class);
        server.content = content;
        int before = server.requests().size();

        assertThat(download().fetch(file(server.address()))).hasBinaryContent(content);
        List<String> later = server.requests().subList(before, server.requests().size());
        assertThat(later).hasSize(2);
        assertThat(later.get(0)).matches("bytes=\\d+-");
        assertThat(later.get(1)).isEqualTo("whole");
    }

    @Test
    void wrongDigestIsAnErrorAndNothingIsLeft() throws IOException {
        byte[] forged = content.clone();
        forged[SIZE / 2] ^= 1;
        server.content = forged;

        assertThatThrownBy(() -> download().fetch(file(server.address())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sha256 is " + sha256(forged) + ", want " + sha256(content))
                .hasMessageContaining("the file was removed");
        assertThat(names()).isEmpty();
    }

    @Test
    void largerFileThanPinnedIsGivenUpEarly() throws IOException {
        server.content = Arrays.copyOf(content, 4 * SIZE);

        assertThatThrownBy(() -> download().fetch(file(server.address())))
                .hasMessageContaining("more than the expected 300000 bytes");
        assertThat(names()).isEmpty();
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void nextAddressIsAskedWhenOneFails() throws Exception {
        try (FileServer mirror = new FileServer(content)) {
            server.status = 404;

            assertThat(download().fetch(file(server.address(), mirror.address()))).hasBinaryContent(content);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void errorNamesEveryAddressAndItsReason() throws IOException {
        server.status = 404;
        URI nobody;
        try (FileServer gone = new FileServer(content)) {
            nobody = gone.address();
        }

        assertThatThrownBy(() -> download().fetch(file(server.address(), nobody)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot download file.gz")
                .hasMessageContaining(server.address() + ": status 404")
                .hasMessageContaining(nobody.toString())
                .hasMessageNotContaining("null");
    }

    @Test
    void busyServerIsAskedAgain() throws Exception {
        server.status = 503;
        Download download = new Download(cache, (file, bytes) -> {}, Duration.ofMillis(1), Duration.ofSeconds(20));

        assertThatThrownBy(() -> download.fetch(file(server.address()))).hasMessageContaining("status 503");
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void stalledConnectionIsGivenUpAndResumed() throws Exception {
        server.stallAfter = 100_000;
        Download download = new Download(cache, (file, bytes) -> {}, Duration.ofMillis(1), Duration.ofMillis(300));

        assertThat(download.fetch(file(server.address()))).hasBinaryContent(content);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void fileNamesCannotLeaveTheCache() {
        assertThatThrownBy(() -> new RemoteFile("../up", 1, "0".repeat(64), List.of(server.address())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Download download() {
        return new Download(cache, (file, bytes) -> received.add(bytes), Duration.ofMillis(1), Duration.ofSeconds(20));
    }

    private RemoteFile file(URI... addresses) {
        return new RemoteFile("file.gz", SIZE, sha256(content), List.of(addresses));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String sha256(byte[] bytes) {
        try (Sha256 digest = new Sha256()) {
            digest.write(bytes, 0, bytes.length);
            return digest.hexadecimal();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
