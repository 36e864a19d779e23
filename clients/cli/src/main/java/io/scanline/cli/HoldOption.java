package io.scanline.cli;

import io.scanline.v1.GenerateRequest;
import io.scanline.v1.OnDisconnect;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Whether the server is to go on without us. */
final class HoldOption {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|)");

    @Option(
            names = "--hold",
            paramLabel = "TIME",
            description = "If the connection is lost, or you stop the command, the server goes on and keeps the images "
                    + "this long: 500ms, 60s, 5m. A lost connection is found again; 'scanline resume' takes the rest.")
    private String hold;

    /** Asks for it in the request. */
    void apply(GenerateRequest.Builder request) throws CommandFailure {
        if (hold != null) {
            request.setOnDisconnect(OnDisconnect.ON_DISCONNECT_FINISH_AND_HOLD).setHoldMs(millis(hold));
        }
    }

    private static int millis(String time) throws CommandFailure {
        Matcher parts = TIME.matcher(time);
        if (parts.matches()) {
            long unit = switch (parts.group(2)) {
                case "ms" -> 1;
                case "m" -> 60_000;
                default -> 1000;
            };
            long millis = Long.parseLong(parts.group(1)) * unit;
            if (millis >= 1 && millis <= Integer.MAX_VALUE) {
                return (int) millis;
            }
        }
        throw CommandFailure.badArgument("--hold must be a time such as 500ms, 60s or 5m, not " + time);
    }
}
