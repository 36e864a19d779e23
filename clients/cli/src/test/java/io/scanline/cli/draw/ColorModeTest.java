package io.scanline.cli.draw;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ColorModeTest {
    private static ColorMode detect(String... pairs) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            environment.put(pairs[i], pairs[i + 1]);
        }
        return ColorMode.detect(environment, true);
    }

    @Test
    void followsWhatTheTerminalSaysOfItself() {
        assertThat(detect("TERM", "xterm-256color", "COLORTERM", "truecolor")).isEqualTo(ColorMode.TRUECOLOR);
        assertThat(detect("TERM", "xterm-direct")).isEqualTo(ColorMode.TRUECOLOR);
        assertThat(detect("TERM", "xterm-256color")).isEqualTo(ColorMode.PALETTE);
        assertThat(detect("TERM", "vt100")).isEqualTo(ColorMode.PLAIN);
        assertThat(detect()).isEqualTo(ColorMode.PLAIN);
        assertThat(detect("TERM", "dumb", "COLORTERM", "truecolor")).isEqualTo(ColorMode.PLAIN);
    }

    @Test
    void anyNoColorMeansNone() {
        assertThat(detect("TERM", "xterm-256color", "NO_COLOR", "0")).isEqualTo(ColorMode.PLAIN);
        assertThat(detect("TERM", "xterm-256color", "NO_COLOR", "")).isEqualTo(ColorMode.PALETTE);
    }

    @Test
    void aLocaleWithoutUtf8HasNoHalfBlocks() {
        assertThat(detect("TERM", "xterm-256color", "LANG", "de_DE.ISO-8859-1")).isEqualTo(ColorMode.PLAIN);
        assertThat(detect("TERM", "xterm-256color", "LANG", "C", "LC_ALL", "C.utf8")).isEqualTo(ColorMode.PALETTE);
    }

    @Test
    void aFileGetsNoColors() {
        assertThat(ColorMode.detect(Map.of("TERM", "xterm", "COLORTERM", "truecolor"), false))
                .isEqualTo(ColorMode.PLAIN);
    }
}
