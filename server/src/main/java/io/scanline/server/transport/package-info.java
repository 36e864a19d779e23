/** Maps RPCs to engine calls: flow control, status codes, metrics. Thin; no tensor arithmetic. */
package io.scanline.server.transport;
