package io.scanline.server.engine;

/** How urgent a request is, the most urgent first. */
public enum Priority {
    /** Before what is normal. */
    HIGH,
    /** As it comes. */
    NORMAL,
    /** When nothing else waits. */
    LOW
}
