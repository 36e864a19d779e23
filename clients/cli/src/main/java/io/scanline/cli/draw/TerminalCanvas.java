package io.scanline.cli.draw;

import java.io.PrintStream;
import java.util.List;

/** A part of the terminal that is drawn again and again in place. Any thread may draw or close it. */
public final class TerminalCanvas implements AutoCloseable {
    private static final String HIDE_CURSOR = "\u001b[?25l";
    private static final String SHOW_CURSOR = "\u001b[?25h";
    private static final String ERASE_LINE = "\u001b[2K";
    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintStream out;
    private List<String> shown = List.of();
    private boolean closed;

    /** A canvas below what the terminal shows; hides the cursor. */
    public TerminalCanvas(PrintStream out) {
        this.out = out;
        out.print(HIDE_CURSOR);
        out.flush();
    }

    /**
     * Shows these lines instead of those drawn before; does nothing when closed. Lines must be no wider than
     * the terminal; what is to be redrawn must leave one line of it free, for what scrolls away cannot be reached.
     */
    public synchronized void draw(List<String> lines) {
        if (closed) {
            return;
        }
        StringBuilder frame = new StringBuilder();
        if (!shown.isEmpty()) {
            frame.append("\r\u001b[").append(shown.size()).append('A');
        }
        for (int i = 0; i < lines.size(); i++) {
            boolean same = i < shown.size() && shown.get(i).equals(lines.get(i));
            if (!same) {
                // Erased first: after a full line the cursor stands on its last character and would take that too.
                frame.append(ERASE_LINE).append(lines.get(i));
            }
            frame.append('\n');
        }
        if (lines.size() < shown.size()) {
            frame.append(ERASE_BELOW);
        }
        // One write, so that no half-drawn frame is seen.
        out.print(frame);
        out.flush();
        shown = List.copyOf(lines);
    }

    /** Leaves what is shown, with the cursor below it. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            out.print(SHOW_CURSOR);
            out.flush();
        }
    }
}
