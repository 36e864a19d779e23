package io.scanline.server.engine;

/** How a generation is to be read unless its reader says otherwise. Kept with it, and of no meaning to the engine. */
public interface ReadingPlan {}
