package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;

/** Images of latents. */
final class DecodeTask extends AnswerTask<byte[]> {
    private final List<Latent> latents;
    private final List<byte[]> images = new ArrayList<>();

    DecodeTask(int label, List<Latent> latents, long deadlineNanos) {
        super(label, 0, latents.size(), latents.size(), deadlineNanos);
        this.latents = latents;
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        codec.putLatent(slot, latents.get(index), label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        images.add(codec.image(slot));
    }

    @Override
    List<byte[]> results() {
        return List.copyOf(images);
    }
}
