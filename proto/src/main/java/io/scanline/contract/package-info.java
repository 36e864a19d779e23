/**
 * The part of the bundle contract that is a computation and not a message: how a value is drawn from logits, with which
 * random number, and what a step is shown. The trainer computes golden samples by it and the server must reproduce them
 * byte for byte, so it is written once.
 */
package io.scanline.contract;
