/**
 * How good a model is: exact likelihoods, the counted floors and published figures that they are held against, and
 * nearest training images.
 */
package io.scanline.trainer.evaluation;
