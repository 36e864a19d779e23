/** Measures the server against the least that could do the same work. */
package io.scanline.server.bench;
