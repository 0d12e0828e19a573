package cn.gov.budget.host;

import cn.gov.budget.rules.v1.ReviewRequest;
import cn.gov.budget.rules.v1.ReviewServiceGrpc;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Calls the rules service. One client a process: the channel is safe for threads and expensive to open. */
final class ReviewClient implements Closeable {

    private final ManagedChannel channel;
    private final long deadlineMillis;

    /**
     * @param target host:port
     * @param deadlineMillis how long the user may wait; a call without a deadline may hang for ever
     */
    ReviewClient(String target, long deadlineMillis) {
        // In production: useTransportSecurity() in place of usePlaintext().
        this.channel = ManagedChannelBuilder.forTarget(target).usePlaintext().build();
        this.deadlineMillis = deadlineMillis;
    }

    /** Never throws for what the service or the network does: that is part of the answer. */
    ReviewAnswer review(ReviewRequest request) {
        try {
            return ReviewAnswer.answered(
                    ReviewServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(deadlineMillis, TimeUnit.MILLISECONDS)
                            .review(request));
        } catch (StatusRuntimeException error) {
            switch (error.getStatus().getCode()) {
                case INVALID_ARGUMENT:
                case NOT_FOUND:
                case FAILED_PRECONDITION:
                case OUT_OF_RANGE:
                    return ReviewAnswer.refused(error.getStatus(), violations(error));
                default:
                    // UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, and whatever comes later.
                    return ReviewAnswer.none(error.getStatus());
            }
        }
    }

    private static List<String> violations(StatusRuntimeException error) {
        List<String> found = new ArrayList<String>();
        com.google.rpc.Status details = StatusProto.fromThrowable(error);
        if (details == null) {
            return found;
        }
        for (Any detail : details.getDetailsList()) {
            if (!detail.is(BadRequest.class)) {
                continue;
            }
            try {
                for (BadRequest.FieldViolation violation : detail.unpack(BadRequest.class).getFieldViolationsList()) {
                    found.add(violation.getField() + ": " + violation.getDescription());
                }
            } catch (InvalidProtocolBufferException unreadable) {
                found.add("unreadable detail: " + unreadable.getMessage());
            }
        }
        return found;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
