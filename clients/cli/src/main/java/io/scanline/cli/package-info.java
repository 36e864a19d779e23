/** The {@code scanline} command: draws images in the terminal while they grow. */
package io.scanline.cli;
