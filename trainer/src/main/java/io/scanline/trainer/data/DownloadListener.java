package io.scanline.trainer.data;

/** Told how far a download is. */
@FunctionalInterface
public interface DownloadListener {
    /**
     * Called on the downloading thread when bytes have arrived; must return at once.
     *
     * @param file the file
     * @param bytes bytes present, those of earlier attempts included; falls when a server makes us start again
     */
    void received(RemoteFile file, long bytes);
}
