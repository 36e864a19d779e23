package io.scanline.trainer.data;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Fetches files into a cache directory. A file appears there under its name only when it is complete and has the pinned
 * digest; until then its bytes wait in a {@code .part} file, from which a later attempt, also of a later process, goes
 * on.
 */
public final class Download {
    /** Attempts in a row that bring nothing new before an address is given up. */
    private static final int FRUITLESS_ATTEMPTS = 4;

    private final Path cache;
    private final DownloadListener listener;
    private final Duration pause;
    private final Duration stallLimit;
    private final HttpClient client;

    /** Downloads into this directory, which is made when it is missing. */
    public Download(Path cache, DownloadListener listener) {
        this(cache, listener, Duration.ofSeconds(1), Duration.ofSeconds(60));
    }

    /**
     * Downloads with other times.
     *
     * @param pause before going on after a broken connection; doubles with every attempt that brought nothing
     * @param stallLimit longest time without a byte before a connection is given up
     */
    Download(Path cache, DownloadListener listener, Duration pause, Duration stallLimit) {
        this.cache = cache;
        this.listener = listener;
        this.pause = pause;
        this.stallLimit = stallLimit;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    /**
     * Gives the file from the cache, or fetches it from the first address that has it. A cached file with a wrong
     * digest is replaced.
     *
     * @return path of the complete file
     * @throws IOException when no address gives the pinned content; the message says what went wrong at each
     */
    public Path fetch(RemoteFile file) throws IOException, InterruptedException {
        Path target = cache.resolve(file.name());
        if (Files.exists(target)) {
            if (Sha256.of(target).equals(file.sha256())) {
                return target;
            }
            Files.delete(target);
        }
        Files.createDirectories(cache);
        List<IOException> failures = new ArrayList<>();
        for (URI address : file.addresses()) {
            try {
                fetchFrom(address, file, target);
                return target;
            } catch (IOException failed) {
                // Some failures of the client have no message.
                String reason = failed.getMessage() == null ? failed.getClass().getSimpleName() : failed.getMessage();
                failures.add(new IOException(address + ": " + reason, failed));
            }
        }
        IOException failure = new IOException("cannot download " + file.name() + ": "
                + failures.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
        failures.forEach(failure::addSuppressed);
        throw failure;
    }

    private void fetchFrom(URI address, RemoteFile file, Path target) throws IOException, InterruptedException {
        PartialFile part = new PartialFile(target, file);
        boolean resumed = attempt(address, file, part);
        if (resumed && !part.sha256().equals(file.sha256())) {
            // The earlier bytes may be from another version of the file: once more from the start.
            part.discard();
            attempt(address, file, part);
        }
        String digest = part.sha256();
        if (!digest.equals(file.sha256())) {
            part.discard();
            throw new IOException("sha256 is " + digest + ", want " + file.sha256() + "; the file was removed");
        }
        Files.move(part.path(), target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        part.discard();
    }

    /** Transfers until the part is complete; true: it began with bytes that were there before. */
    private boolean attempt(URI address, RemoteFile file, PartialFile part) throws IOException, InterruptedException {
        boolean resumed = part.size() > 0;
        RangeTransfer transfer =
                new RangeTransfer(client, address, stallLimit, bytes -> listener.received(file, bytes));
        long furthest = part.size();
        int fruitless = 0;
        while (part.size() < file.bytes()) {
            try {
                transfer.run(part);
            } catch (RangeTransfer.Refused refused) {
                throw refused;
            } catch (IOException broken) {
                fruitless = part.size() > furthest ? 0 : fruitless + 1;
                furthest = Math.max(furthest, part.size());
                if (fruitless == FRUITLESS_ATTEMPTS) {
                    throw broken;
                }
                Thread.sleep(pause.toMillis() << fruitless);
            }
        }
        return resumed;
    }
}
