/** Texts as models read them. */
package io.scanline.trainer.text;
