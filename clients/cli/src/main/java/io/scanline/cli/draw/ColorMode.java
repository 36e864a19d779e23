package io.scanline.cli.draw;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How many colours a terminal is given. */
public enum ColorMode {
    /** 24-bit colours. */
    TRUECOLOR("truecolor"),
    /** The 256 colours of xterm. */
    PALETTE("256"),
    /** No colours, no characters beyond ASCII. */
    PLAIN("plain");

    private final String flag;

    ColorMode(String flag) {
        this.flag = flag;
    }

    /** The mode of this name on the command line: truecolor, 256 or plain. */
    public static Optional<ColorMode> named(String flag) {
        return Stream.of(values()).filter(mode -> mode.flag.equals(flag)).findFirst();
    }

    /**
     * The best mode that the environment promises.
     *
     * @param terminal whether the output is a terminal
     */
    public static ColorMode detect(Map<String, String> environment, boolean terminal) {
        String term = environment.getOrDefault("TERM", "");
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        if (!terminal || refused || term.isEmpty() || term.equals("dumb") || !halfBlocks(environment)) {
            return PLAIN;
        }
        String colorTerm = environment.getOrDefault("COLORTERM", "");
        if (colorTerm.equals("truecolor") || colorTerm.equals("24bit") || term.endsWith("-direct")) {
            return TRUECOLOR;
        }
        return term.contains("256color") ? PALETTE : PLAIN;
    }

    /** Half blocks need UTF-8. Where no locale is set, as in containers, terminals nearly always speak it. */
    private static boolean halfBlocks(Map<String, String> environment) {
        return Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isEmpty())
                .findFirst()
                .map(value -> value.toLowerCase(Locale.ROOT).replace("-", "").contains("utf8"))
                .orElse(true);
    }
}
