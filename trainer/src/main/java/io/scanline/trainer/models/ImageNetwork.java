package io.scanline.trainer.models;

import io.scanline.trainer.nn.Network;

/** A network that is a model of images. */
public interface ImageNetwork extends Network {
    /** The images it is a model of. */
    ImageShape shape();
}
