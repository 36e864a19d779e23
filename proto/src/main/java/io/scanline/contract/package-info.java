/**
 * The part of the bundle contract that is a computation and not a message: how a value is drawn from logits, with which
 * random number, and what a step is shown; how a latent is drawn, and how likely an image is given what a decoder says.
 * The trainer computes golden samples and published figures by it and the server must reproduce them, the samples byte
 * for byte, so it is written once.
 */
package io.scanline.contract;
