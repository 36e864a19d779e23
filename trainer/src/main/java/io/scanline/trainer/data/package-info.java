/**
 * Where images come from: idx files, public data sets fetched by digest, synthetic shapes; and how they are quantised
 * and split.
 */
package io.scanline.trainer.data;
