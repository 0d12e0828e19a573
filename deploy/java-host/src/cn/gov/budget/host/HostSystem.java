package cn.gov.budget.host;

import cn.gov.budget.rules.v1.Finding;
import cn.gov.budget.rules.v1.ReviewRequest;
import cn.gov.budget.rules.v1.ReviewResponse;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;

/**
 * A host budgeting system in small: reads a request, has it reviewed, prints what it would record.
 *
 * <p>Usage: {@code HostSystem TARGET REQUEST.json DEADLINE_MS FAIL_CLOSED|FAIL_OPEN}
 */
public final class HostSystem {

    private HostSystem() {}

    /** Exit code 0: the rules have answered; 2: the request is faulty; 3: no answer. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            System.err.println("usage: HostSystem TARGET REQUEST.json DEADLINE_MS FAIL_CLOSED|FAIL_OPEN");
            System.exit(64);
        }
        Submission.WhenDown whenDown = Submission.WhenDown.valueOf(arguments[3]);
        ReviewRequest request = read(arguments[1]);
        ReviewAnswer answer;
        try (ReviewClient client = new ReviewClient(arguments[0], Long.parseLong(arguments[2]))) {
            answer = client.review(request);
        }
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        Submission state = Submission.of(answer, whenDown);
        line(out, "state", state.name());
        line(out, "reviewed", String.valueOf(state.isReviewed()));
        switch (answer.kind()) {
            case ANSWERED:
                print(out, answer.response());
                System.exit(0);
                break;
            case REFUSED:
                line(out, "status", answer.status().getCode().name());
                for (String violation : answer.violations()) {
                    line(out, "violation", violation);
                }
                System.exit(2);
                break;
            default:
                line(out, "status", answer.status().getCode().name());
                System.exit(3);
        }
    }

    private static ReviewRequest read(String file) throws IOException {
        ReviewRequest.Builder builder = ReviewRequest.newBuilder();
        JsonFormat.parser().merge(new String(Files.readAllBytes(Paths.get(file)), StandardCharsets.UTF_8), builder);
        return builder.build();
    }

    private static void print(PrintStream out, ReviewResponse response) {
        line(out, "decision", response.getDecision().name());
        line(out, "verdict", response.getVerdict().getLabel());
        line(out, "bundle", response.getStamp().getBundle() + " " + response.getStamp().getVersion());
        line(out, "hash", response.getStamp().getHash());
        line(out, "digest", response.getDigest());
        for (Finding finding : response.getFindingsList()) {
            line(
                    out,
                    "finding",
                    finding.getRuleId(),
                    finding.getOutcome().name(),
                    finding.getSeverity().name(),
                    finding.getPath(),
                    finding.getMessage());
        }
    }

    /** A name and its values, separated by tabs; texts from the service are put on one line. */
    private static void line(PrintStream out, String name, String... values) {
        StringBuilder text = new StringBuilder(name);
        for (String value : values) {
            text.append('\t').append(value.replaceAll("[\\t\\r\\n]+", " "));
        }
        out.println(text);
    }
}
