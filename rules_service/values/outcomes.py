"""The engine's own words: outcomes, severities, decisions, actions and reasons for a missing value."""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = [
    "SEVERITY_CEILING",
    "Action",
    "Decision",
    "MissingReason",
    "Outcome",
    "Proof",
    "Severity",
    "ValueSource",
]


class Outcome(StrEnum):
    """What one check says of one subject (semantics.md, A check)."""

    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    EXEMPT = "EXEMPT"
    INDETERMINATE = "INDETERMINATE"
    ERROR = "ERROR"


class Severity(IntEnum):
    """Severities of reviews and levels of monitoring, ordered within each scale."""

    INFO = 1
    WARN = 2
    RETURN = 3
    BLOCK = 4
    YELLOW = 12
    ORANGE = 13
    RED = 14


class Decision(StrEnum):
    """What a review recommends; people decide."""

    BAR = "BAR"
    RETURN = "RETURN"
    MANUAL = "MANUAL"
    APPROVE_AFTER_FIX = "APPROVE_AFTER_FIX"
    APPROVE = "APPROVE"
    EXEMPT = "EXEMPT"
    NOT_DECIDED = "NOT_DECIDED"


class Action(StrEnum):
    """Recommended actions; people decide."""

    ASK_HUMAN = "ASK_HUMAN"
    REMIND = "REMIND"
    RECTIFY = "RECTIFY"
    ADJUST_GOAL = "ADJUST_GOAL"
    ADJUST_BUDGET = "ADJUST_BUDGET"
    REDIRECT = "REDIRECT"
    REDUCE_OR_DELAY = "REDUCE_OR_DELAY"
    SUSPEND_FUNDS = "SUSPEND_FUNDS"
    STOP_FUNDS = "STOP_FUNDS"
    RECOVER_FUNDS = "RECOVER_FUNDS"
    REDUCE_OR_CANCEL = "REDUCE_OR_CANCEL"
    CUT_NEXT_CONTROL = "CUT_NEXT_CONTROL"
    PRIORITISE = "PRIORITISE"


class MissingReason(StrEnum):
    """Why a fact has no value (semantics.md, Missing)."""

    NOT_SENT = "NOT_SENT"
    UNPARSEABLE = "UNPARSEABLE"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    UNIT_MISMATCH = "UNIT_MISMATCH"
    DIV_ZERO = "DIV_ZERO"
    EMPTY_LIST = "EMPTY_LIST"
    PARAM_EMPTY = "PARAM_EMPTY"
    HISTORY_GAP = "HISTORY_GAP"
    EXEMPTION_UNPROVEN = "EXEMPTION_UNPROVEN"
    STANDARD_UNCERTAIN = "STANDARD_UNCERTAIN"
    NO_ROW = "NO_ROW"


class Proof(StrEnum):
    """How well a basis, a value or a standard is established (the marks of docs/rulesets.md)."""

    VERIFIED = "V"
    SEED = "S"
    SECONDARY = "V2"
    MEMORY = "M"
    ENGINEERING = "P"


class ValueSource(StrEnum):
    """Where a parameter's value comes from (semantics.md, Parameters)."""

    SOURCED = "sourced"
    ENGINEERING = "engineering"
    EMPTY = "empty"


# The highest severity that a proof supports, in reviews and in monitoring (docs/rulesets.md, 四).
SEVERITY_CEILING: dict[Proof, tuple[Severity, Severity]] = {
    Proof.VERIFIED: (Severity.BLOCK, Severity.RED),
    Proof.SEED: (Severity.BLOCK, Severity.RED),
    Proof.SECONDARY: (Severity.RETURN, Severity.ORANGE),
    Proof.MEMORY: (Severity.RETURN, Severity.ORANGE),
    Proof.ENGINEERING: (Severity.WARN, Severity.YELLOW),
}
