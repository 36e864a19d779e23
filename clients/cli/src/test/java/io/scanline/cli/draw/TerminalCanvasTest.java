package io.scanline.cli.draw;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TerminalCanvasTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TerminalCanvas canvas = new TerminalCanvas(new PrintStream(bytes, false, StandardCharsets.UTF_8));

    private String written() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }

    @Test
    void redrawsOnlyTheLinesThatChanged() {
        assertThat(written()).isEqualTo("\u001b[?25l");
        canvas.draw(List.of("a", "b"));
        assertThat(written()).isEqualTo("\u001b[2Ka\n\u001b[2Kb\n");
        canvas.draw(List.of("a", "c"));
        assertThat(written()).isEqualTo("\r\u001b[2A\n\u001b[2Kc\n");
        canvas.draw(List.of("a"));
        assertThat(written()).isEqualTo("\r\u001b[2A\n\u001b[J");
    }

    @Test
    void showsTheCursorOnceAndDrawsNoMoreWhenClosed() {
        written();
        canvas.close();
        canvas.close();
        canvas.draw(List.of("a"));

        assertThat(written()).isEqualTo("\u001b[?25h");
    }

    @Test
    void understandsTheAnswerOfStty() {
        assertThat(TerminalProbe.parse("50 132\n")).isEqualTo(new TerminalSize(132, 50));
        assertThat(TerminalProbe.parse("0 0\n")).isEqualTo(new TerminalSize(80, 24));
        assertThat(TerminalProbe.parse("stty: what?")).isEqualTo(new TerminalSize(80, 24));
    }
}
