"""A higher severity that is still open counts as undecided at that severity."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sources import read_ruleset
from rules_service.engine.conclude import sorted_facts
from rules_service.engine.decide import Counted, decide, decision_facts, decision_set
from rules_service.inference.chainer import Chainer
from rules_service.values.dates import parse_date
from rules_service.values.outcomes import Decision, Outcome, Severity

RULESETS = Path(__file__).parents[2] / "rulesets"


@pytest.mark.parametrize(
    ("severity", "open_", "decision"),
    [
        (Severity.WARN, None, Decision.APPROVE_AFTER_FIX),
        (Severity.WARN, Severity.RETURN, Decision.MANUAL),
        (Severity.WARN, Severity.BLOCK, Decision.MANUAL),
        (Severity.INFO, Severity.WARN, Decision.APPROVE),
        (Severity.RETURN, Severity.BLOCK, Decision.RETURN),
    ],
)
def test_what_is_open_is_decided_by_the_level_that_it_could_reach(
    severity: Severity, open_: Severity | None, decision: Decision
) -> None:
    """docs/semantics.md, point 37: what could still be a RETURN or a BLOCK goes to a person."""
    view = compile_bundle(read_ruleset(RULESETS)).view("全国", parse_date("2024-01-01"))
    documents = view.decisions["review"]
    finding = Counted("R-1", Outcome.FAIL, severity, open_, "project")
    facts = sorted_facts(decision_facts([finding], any_pass=True))
    concluded = Chainer().conclude(decision_set(documents), facts)
    assert decide({each.id: each for each in documents}, concluded).decision is decision
