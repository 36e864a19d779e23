/**
 * Where images come from: public data sets, a user's own images, synthetic shapes; and how their intensities become
 * levels and how they are split.
 */
package io.scanline.trainer.data;
