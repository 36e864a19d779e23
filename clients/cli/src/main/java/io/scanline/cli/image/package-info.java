/** Pictures between level indices, PNG files and something to look at. */
package io.scanline.cli.image;
