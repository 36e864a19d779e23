package io.scanline.server.engine;

/**
 * Asks for the images of the latents between two.
 *
 * @param model name of the model
 * @param version its version; empty: the highest that is serving
 * @param label class to condition on
 * @param from first frame
 * @param to last frame
 * @param frames frames, both ends included; 2 to the engine's limit
 * @param path how latents between the ends are found
 * @param deadlineNanos {@link System#nanoTime()} after which nobody waits for the result; {@link Long#MAX_VALUE}: none
 */
public record InterpolationRequest(
        String model, String version, ClassSelector label, End from, End to, int frames, LatentPath path,
        long deadlineNanos) {
    /** One end. */
    public sealed interface End {}

    /** A latent. */
    public record LatentEnd(Latent latent) implements End {}

    /** All values of an image, which is encoded first; a normal distribution stands for its mean. */
    public record ImageEnd(byte[] image) implements End {}
}
