package io.scanline.cli;

/** Text from elsewhere, fit for a terminal. */
final class PlainText {
    private PlainText() {}

    /** One line: whatever a terminal might obey is replaced, so that no server moves the cursor or forges a line. */
    static String line(String text) {
        return text == null ? "" : text.replaceAll("\\p{Cntrl}", "?");
    }
}
