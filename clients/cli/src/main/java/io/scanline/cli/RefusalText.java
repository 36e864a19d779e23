package io.scanline.cli;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Says why a call was refused: {@code STATUS_NAME REASON: message (field ..., retry after ...)}. */
final class RefusalText {
    private RefusalText() {}

    /** The text for this failure of a call. */
    static String of(Throwable failure) {
        Status status = Status.fromThrowable(failure);
        com.google.rpc.Status details = StatusProto.fromThrowable(failure);
        List<String> remarks = new ArrayList<>();
        String reason = "";
        if (details != null) {
            reason = detail(details, ErrorInfo.class).map(info -> " " + info.getReason()).orElse("");
            detail(details, BadRequest.class).ifPresent(request -> request.getFieldViolationsList()
                    .forEach(violation -> remarks.add("field " + violation.getField())));
            detail(details, RetryInfo.class).ifPresent(retry -> remarks.add("retry after " + seconds(retry)));
        }
        return PlainText.line(status.getCode() + reason + ": " + message(status)
                + (remarks.isEmpty() ? "" : " (" + String.join(", ", remarks) + ")"));
    }

    private static String message(Status status) {
        String description = status.getDescription() == null ? "no message" : status.getDescription();
        Throwable cause = status.getCause();
        if (status.getCode() != Status.Code.UNAVAILABLE || cause == null) {
            return description;
        }
        // Only a failed connection has a cause here: its own words say more than gRPC's "io exception".
        String words = cause.getMessage() == null ? description : cause.getMessage();
        // The native transports put the name of the system call first.
        return words.substring(Math.max(0, words.indexOf("Connection refused")))
                + "; is a server running there? (--target HOST:PORT)";
    }

    private static <T extends Message> Optional<T> detail(com.google.rpc.Status details, Class<T> type) {
        for (Any detail : details.getDetailsList()) {
            if (detail.is(type)) {
                try {
                    return Optional.of(detail.unpack(type));
                } catch (InvalidProtocolBufferException e) {
                    // A detail that cannot be read says nothing; status and message are still there.
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    private static String seconds(RetryInfo retry) {
        double seconds = retry.getRetryDelay().getSeconds() + retry.getRetryDelay().getNanos() / 1e9;
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }
}
