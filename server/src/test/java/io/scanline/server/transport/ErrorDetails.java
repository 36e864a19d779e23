package io.scanline.server.transport;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** The details of a refusal, as a client reads them. Missing ones are empty. */
record ErrorDetails(String domain, String reason, String field, long retryMillis) {
    static ErrorDetails of(StatusRuntimeException failure) throws InvalidProtocolBufferException {
        return of(StatusProto.fromThrowable(failure));
    }

    static ErrorDetails of(com.google.rpc.Status status) throws InvalidProtocolBufferException {
        String domain = "";
        String reason = "";
        String field = "";
        long retryMillis = -1;
        for (Any detail : status.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                domain = detail.unpack(ErrorInfo.class).getDomain();
                reason = detail.unpack(ErrorInfo.class).getReason();
            } else if (detail.is(BadRequest.class)) {
                field = detail.unpack(BadRequest.class).getFieldViolations(0).getField();
            } else if (detail.is(RetryInfo.class)) {
                var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                retryMillis = delay.getSeconds() * 1000 + delay.getNanos() / 1_000_000;
            }
        }
        return new ErrorDetails(domain, reason, field, retryMillis);
    }
}
