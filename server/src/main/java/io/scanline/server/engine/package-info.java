/** Bundles, slots, batches, sampling, queues and admission. Knows neither gRPC nor Netty; needs no socket. */
package io.scanline.server.engine;
