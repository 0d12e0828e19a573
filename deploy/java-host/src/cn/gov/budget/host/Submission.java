package cn.gov.budget.host;

import cn.gov.budget.rules.v1.Decision;

/**
 * Where a project goes after the call. The host decides what happens without an answer, and says so in the record: a
 * project that nobody reviewed never looks like one that passed.
 */
enum Submission {
    /** 建议通过 */
    RECOMMENDED(true),
    /** 完善后通过 */
    RECOMMENDED_AFTER_FIX(true),
    /** 退回修改 */
    RETURNED(true),
    /** 不得安排 */
    BARRED(true),
    /** 豁免 */
    EXEMPT(true),
    /** 转人工 */
    TO_A_PERSON(true),
    /** 未作结论：只查了一部分，或填报未完 */
    NOT_DECIDED(true),
    /** 请求有误，改正后再送 */
    FAULTY(false),
    /** 服务无答复，暂停报送（fail closed） */
    HELD_UNREVIEWED(false),
    /** 服务无答复，先行受理，标明“未经规则审核”，待补审（fail open） */
    PASSED_ON_UNREVIEWED(false);

    /** What the host does when there is no answer; each office chooses. Neither is an approval. */
    enum WhenDown {
        FAIL_CLOSED,
        FAIL_OPEN
    }

    private final boolean reviewed;

    Submission(boolean reviewed) {
        this.reviewed = reviewed;
    }

    /** Whether rules stand behind this state. */
    boolean isReviewed() {
        return reviewed;
    }

    static Submission of(ReviewAnswer answer, WhenDown whenDown) {
        switch (answer.kind()) {
            case ANSWERED:
                return of(answer.response().getDecision());
            case REFUSED:
                return FAULTY;
            default:
                return whenDown == WhenDown.FAIL_OPEN ? PASSED_ON_UNREVIEWED : HELD_UNREVIEWED;
        }
    }

    private static Submission of(Decision decision) {
        switch (decision) {
            case DECISION_APPROVE:
                return RECOMMENDED;
            case DECISION_APPROVE_AFTER_FIX:
                return RECOMMENDED_AFTER_FIX;
            case DECISION_RETURN:
                return RETURNED;
            case DECISION_BAR:
                return BARRED;
            case DECISION_EXEMPT:
                return EXEMPT;
            case DECISION_NOT_DECIDED:
                return NOT_DECIDED;
            default:
                // MANUAL, and a decision that a newer service knows and this program does not.
                return TO_A_PERSON;
        }
    }
}
