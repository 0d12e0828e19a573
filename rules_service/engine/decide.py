"""From findings to conclusions: decision facts, the final decision, the level and recommended actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from rules_service.compile.view import DecisionDoc
from rules_service.engine.conclude import (
    AtLeast,
    Concluded,
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    Fired,
    Test,
    any_pass_fact,
    finding_fact,
)
from rules_service.model.decision_documents import Minimum
from rules_service.values.outcomes import Action, Decision, Outcome, Severity

__all__ = ["Counted", "Decided", "decide", "decision_facts", "decision_set"]

_REACHED = frozenset({Outcome.FAIL, Outcome.INDETERMINATE, Outcome.ERROR, Outcome.EXEMPT})


class Counted(NamedTuple):
    """All that the conclusions may know of a finding: no ids, texts or amounts."""

    rule: str
    outcome: Outcome
    severity: Severity | None
    severity_open: Severity | None
    subject: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What the fired rules come to: the decision of the highest priority, the highest level, all actions."""

    decision: Decision | None
    level: Severity | None
    actions: tuple[Action, ...]
    fired: tuple[tuple[DecisionDoc, Fired], ...]


def decision_facts(findings: Iterable[Counted], *, any_pass: bool) -> list[DecisionFact]:
    """One fact for each (rule, outcome, severity, open, subject kind), counted 1, 2, 3 or more.

    A higher severity that is still open counts as INDETERMINATE at that severity as well.
    """
    counts: Counter[tuple[str, Outcome, Severity | None, bool, str]] = Counter()
    for one in findings:
        if one.outcome not in _REACHED:
            continue
        is_open = one.severity_open is not None
        counts[one.rule, one.outcome, one.severity, is_open, one.subject] += 1
        if one.outcome is Outcome.FAIL and one.severity_open is not None:
            counts[one.rule, Outcome.INDETERMINATE, one.severity_open, True, one.subject] += 1
    facts = [
        finding_fact(
            rule,
            outcome.value,
            severity=severity.name if severity else "",
            open_=is_open,
            subject=subject,
            count=count,
        )
        for (rule, outcome, severity, is_open, subject), count in counts.items()
    ]
    if any_pass:
        facts.append(any_pass_fact())
    return facts


def decision_set(documents: Iterable[DecisionDoc]) -> DecisionSet:
    """The decision rules of a view in the form that the concluders take."""
    return DecisionSet.of(_rule(document) for document in documents)


def _rule(document: DecisionDoc) -> DecisionRule:
    return DecisionRule(
        id=document.id,
        when=tuple(
            Condition(
                alias=condition.alias,
                kind=condition.kind,
                tests={name: _test(test) for name, test in condition.tests},
            )
            for condition in document.when
        ),
        then=Conclusion(
            decision=document.decision,
            level=document.level,
            action=document.action,
            tag=document.tag,
            priority=document.priority,
        ),
        joins=document.joins,
    )


def _test(test: tuple[str, ...] | tuple[int, ...] | Minimum) -> Test:
    return AtLeast(test.minimum) if isinstance(test, Minimum) else test


def decide(documents: Mapping[str, DecisionDoc], concluded: Concluded) -> Decided:
    """Read the fired rules: they are ordered by falling priority, then by id."""
    decision: Decision | None = None
    level: Severity | None = None
    actions: list[Action] = []
    fired = []
    for one in concluded.fired:
        document = documents[one.rule_id]
        fired.append((document, one))
        if decision is None and document.decision is not None:
            decision = Decision(document.decision)
        if document.level is not None and (level is None or Severity[document.level] > level):
            level = Severity[document.level]
        if document.action is not None and Action(document.action) not in actions:
            actions.append(Action(document.action))
    return Decided(decision, level, tuple(actions), tuple(fired))
