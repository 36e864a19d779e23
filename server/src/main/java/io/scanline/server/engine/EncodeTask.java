package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;

/** Latents of images. */
final class EncodeTask extends AnswerTask<Latent> {
    private final List<byte[]> images;
    private final List<Latent> latents = new ArrayList<>();

    EncodeTask(int label, List<byte[]> images, long deadlineNanos) {
        super(label, images.size(), 0, images.size(), deadlineNanos);
        this.images = images;
    }

    @Override
    void fillEncoder(LatentCodec codec, int slot, int index) {
        codec.putImage(slot, images.get(index), label());
    }

    @Override
    void takeEncoded(LatentCodec codec, int slot, int index) throws GraphException {
        latents.add(codec.latent(slot));
    }

    @Override
    List<Latent> results() {
        return List.copyOf(latents);
    }
}
