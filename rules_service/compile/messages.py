"""The texts that every answer may need, and that a ruleset must therefore hold."""

from __future__ import annotations

from rules_service.facts.offers import KINDS
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.ruleset import RulesetSource
from rules_service.values.outcomes import MissingReason, Outcome, Proof, ValueSource

__all__ = ["REQUIRED_MESSAGES", "check_messages"]

# Why a check was not carried out.
_UNCHECKED = (
    "NOT_APPLICABLE",
    "NO_SUBJECT",
    "PARAM_EMPTY",
    "CASE_PARAM_EMPTY",
    "SWITCHED_OFF",
    "NOT_REQUESTED",
)

# How a score sheet and its items stand.
_SHEETS = ("COMPLETE", "OPEN", "OPEN_UNLIMITED", "UNDECIDED", "TEMPLATE", "UNKNOWN", "FAULTY")
_ITEMS = (
    *("GIVEN", "NOT_SENT", "OUT_OF_RANGE", "CONFLICT", "NOT_APPLICABLE", "SCOPE_UNDECIDED"),
    *("BY_RULE", "BY_DEDUCTION", "BY_EXPRESSION", "RULE_UNDECIDED", "EXPRESSION_OPEN"),
)

# What a reference value is, and what is said besides.
_OFFERS = (*KINDS, "reference", "sample")

REQUIRED_MESSAGES: tuple[str, ...] = (
    "indeterminate.message",
    "indeterminate.remedy",
    "error.message",
    "classified.message",
    "classified.remedy",
    "leaf.failed_in_a_row",
    "leaf.outcome",
    "table.label",
    "table.row",
    "table.otherwise",
    *(f"outcome.{outcome.value}" for outcome in Outcome),
    *(f"missing.{reason.value}" for reason in MissingReason),
    *(f"unchecked.{reason}" for reason in _UNCHECKED),
    "score_sheet.combine",
    *(f"score_sheet.{state}" for state in _SHEETS),
    *(f"score_item.{reason}" for reason in _ITEMS),
    *(f"offer.{word}" for word in _OFFERS),
    *(f"proof.{proof.value}" for proof in Proof),
    *(f"source.{source.value}" for source in ValueSource),
)
"""Keys of shared messages that the engine reads."""


def check_messages(source: RulesetSource, found: Diagnostics) -> None:
    """The root layer has them all: an overlay may say them otherwise, but not every place has one."""
    held = {entry.name.text for document in source.root.messages for entry in document.messages}
    documents = [*source.root.messages, source.head]
    for key in REQUIRED_MESSAGES:
        if key not in held:
            found.add("MESSAGE-MISSING", documents[0].mark.source, key=key)
