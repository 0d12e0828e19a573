package cn.gov.budget.host;

import cn.gov.budget.rules.v1.ReviewResponse;
import io.grpc.Status;
import java.util.Collections;
import java.util.List;

/**
 * What came of one call. Three things that must not be mixed up: the rules have answered (whatever they said), the
 * request was refused as faulty, or there is no answer. Only the first has a response.
 */
final class ReviewAnswer {

    enum Kind {
        /** The rules have answered. */
        ANSWERED,
        /** The request itself is faulty: sending it again cannot help. */
        REFUSED,
        /** The service is down, too slow or failed: nothing is known about the project. */
        NO_ANSWER
    }

    private final Kind kind;
    private final ReviewResponse response;
    private final Status status;
    private final List<String> violations;

    private ReviewAnswer(Kind kind, ReviewResponse response, Status status, List<String> violations) {
        this.kind = kind;
        this.response = response;
        this.status = status;
        this.violations = violations;
    }

    static ReviewAnswer answered(ReviewResponse response) {
        return new ReviewAnswer(Kind.ANSWERED, response, Status.OK, Collections.<String>emptyList());
    }

    static ReviewAnswer refused(Status status, List<String> violations) {
        return new ReviewAnswer(Kind.REFUSED, null, status, violations);
    }

    static ReviewAnswer none(Status status) {
        return new ReviewAnswer(Kind.NO_ANSWER, null, status, Collections.<String>emptyList());
    }

    Kind kind() {
        return kind;
    }

    /** The rules' answer; there is none unless {@link #kind()} is ANSWERED, and asking for it is a mistake. */
    ReviewResponse response() {
        if (response == null) {
            throw new IllegalStateException("no answer: " + status);
        }
        return response;
    }

    Status status() {
        return status;
    }

    /** Each faulty field: path and what is wrong with it. */
    List<String> violations() {
        return violations;
    }
}
