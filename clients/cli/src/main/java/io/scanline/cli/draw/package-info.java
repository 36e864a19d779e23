/** Pictures in a terminal. */
package io.scanline.cli.draw;
