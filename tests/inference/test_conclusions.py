"""The cases of conclusions.yaml, on each engine and on both together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules_service.engine.conclude import (
    BY_BOTH,
    BY_CHAINER,
    AtLeast,
    Concluded,
    Concluder,
    Conclusion,
    Condition,
    DecisionRule,
    DecisionSet,
    Fired,
    conclusion_fact,
    finding_fact,
    sorted_facts,
)
from rules_service.inference.chainer import Chainer
from rules_service.inference.guard import GuardedConcluder
from rules_service.inference.limits import check_limits
from rules_service.inference.supervisor import Supervisor


def read(cases: Any, case: dict[str, Any]) -> tuple[DecisionSet, Any, tuple[Fired, ...]]:
    facts, decisions = cases.facts(case["facts"]), cases.decisions(case["decisions"])
    known = facts | {rule.id: conclusion_fact(rule) for rule in decisions.rules}
    expected = tuple(
        Fired(id_, tuple(sorted(known[label] for label in labels)))
        for id_, labels in case["expected"].items()
    )
    return decisions, sorted_facts(facts.values()), expected


def test_chainer(cases: Any, conclusions_case: dict[str, Any]):
    decisions, facts, expected = read(cases, conclusions_case)
    assert Concluded(expected, BY_CHAINER) == Chainer().conclude(decisions, facts)


def test_worker(cases: Any, conclusions_case: dict[str, Any], patient: Supervisor):
    decisions, facts, expected = read(cases, conclusions_case)
    assert expected == patient.ask(decisions, facts)


def test_guard(cases: Any, conclusions_case: dict[str, Any], patient: Supervisor):
    """Both together, and again from memory."""
    decisions, facts, expected = read(cases, conclusions_case)
    guard: Concluder = GuardedConcluder(patient)
    assert Concluded(expected, BY_BOTH) == guard.conclude(decisions, facts)
    assert Concluded(expected, BY_BOTH) == guard.conclude(decisions, facts)


def test_cases_are_within_the_limits(cases: Any, conclusions_case: dict[str, Any]):
    assert check_limits(cases.decisions(conclusions_case["decisions"])) == ()


def test_order_of_rules_does_not_matter(cases: Any, conclusions_case: dict[str, Any], patient: Supervisor):
    """A set with its rules turned round has the same hash and the same conclusions."""
    decisions, facts, expected = read(cases, conclusions_case)
    turned = DecisionSet.of(reversed(decisions.rules))
    assert decisions == turned
    reordered = DecisionSet("another", tuple(reversed(decisions.rules)))
    assert expected == Chainer().conclude(reordered, facts).fired
    reordered = DecisionSet(f"turned {conclusions_case['name']}", reordered.rules)
    assert expected == patient.ask(reordered, facts)


def test_hash_depends_on_everything():
    """Rules that differ in anything have different hashes; a tuple and a minimum do not look alike."""
    rule = DecisionRule(
        "DEC-1",
        (Condition("a", "finding", {"n": (2,)}), Condition("b", "history", {})),
        Conclusion(action="REMIND"),
        ((("a", "rule"), ("b", "rule")),),
    )
    others = [
        replace(rule, id="DEC-2"),
        replace(rule, when=(Condition("a", "finding", {"n": AtLeast(2)}), rule.when[1])),
        replace(rule, when=(Condition("a", "finding", {"open": (2,)}), rule.when[1])),
        replace(rule, when=(Condition("c", "finding", {"n": (2,)}), rule.when[1])),
        replace(rule, then=Conclusion(tag="REMIND")),
        replace(rule, then=Conclusion(action="REMIND", priority=1)),
        replace(rule, joins=()),
    ]
    hashes = {DecisionSet.of([each]).hash for each in (rule, *others)}
    assert len(hashes) == 1 + len(others)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 4_000])
def test_counts_are_one_two_or_more(count: int):
    assert finding_fact("CMP-01", "FAIL", count=count).n == min(count, 3)
