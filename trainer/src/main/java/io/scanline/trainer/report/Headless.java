package io.scanline.trainer.report;

/** Drawing without a screen. */
final class Headless {
    private Headless() {}

    /**
     * Tells AWT that there is no screen. To be called before the first use of AWT in every class that draws: AWT looks
     * at the property once, and on a machine with a DISPLAY that does not answer it would fail.
     */
    static void require() {
        System.setProperty("java.awt.headless", "true");
    }
}
