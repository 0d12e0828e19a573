"""Random decision sets and random facts: durable-rules in its worker against the chainer, with the memo off.

The seed is printed and can be given again as INFERENCE_SEED. Every set has joins, alternatives, minima and
chains; small questions are also worked out by brute force, so that two engines cannot be wrong in one way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from rules_service.engine.conclude import (
    FIELDS,
    INTEGER_FIELDS,
    AtLeast,
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    Fired,
    any_pass_fact,
    band_fact,
    conclusion_fact,
    finding_fact,
    history_fact,
    sorted_facts,
)
from rules_service.inference.chainer import Chainer
from rules_service.inference.channel import WorkerGoneError
from rules_service.inference.life import Wear
from rules_service.inference.limits import check_limits
from rules_service.inference.supervisor import Supervisor

RULES = (*(f"MON-{number:02}" for number in range(1, 7)), "GATE-05", "完整-1")
OUTCOMES = ("PASS", "FAIL", "EXEMPT", "INDETERMINATE", "ERROR", "NOT_APPLICABLE")
SEVERITIES = ("", "BLOCK", "RETURN", "WARN", "RED", "ORANGE", "YELLOW")
SUBJECTS = ("project", "goal", "indicator", "item", "report")
BANDS = (("total", ("优", "良", "中", "差")), ("progress", ("A", "AA", "B")))
WORDS = {
    "rule": RULES,
    "outcome": OUTCOMES,
    "severity": SEVERITIES,
    "level": SEVERITIES,
    "subject": SUBJECTS,
    "name": tuple(name for name, _ in BANDS),
    "value": tuple(value for _, values in BANDS for value in values),
}


class Dice:
    """Random decisions and facts from one generator."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - reproducible on purpose

    def few(self, values: tuple[Any, ...], most: int = 3) -> tuple[Any, ...]:
        """One to ``most`` different values."""
        return tuple(self.random.sample(values, self.random.randint(1, min(most, len(values)))))

    def decisions(self) -> DecisionSet:
        """A set within the limits, of 1 to 30 rules."""
        rules: list[DecisionRule] = []
        for number in range(self.random.choice((1, 2, 3, 5, 8, 12, 20, 30))):
            rules.append(self.rule(f"DEC-{number:02}", tuple(rules)))
        return DecisionSet.of(rules)

    def rule(self, id_: str, earlier: tuple[DecisionRule, ...]) -> DecisionRule:
        """A rule that may read conclusions of ``earlier`` ones."""
        size = self.random.choice((1, 2, 2, 3, 3, 3))
        when = tuple(self.condition(alias, earlier) for alias in ("now", "goal", "before")[:size])
        then = Conclusion(
            decision=self.random.choice((None, "BAR", "RETURN", "MANUAL")),
            level=self.random.choice((None, "RED", "ORANGE")),
            action=self.random.choice((None, "RECTIFY", "SUSPEND_FUNDS")),
            tag=self.random.choice((f"TAG-{id_[-1]}", f"标记-{id_[-1]}")),
            priority=self.random.choice((0, 1, 100)),
        )
        return DecisionRule(id_, when, then, self.joins(when))

    def condition(self, alias: str, earlier: tuple[DecisionRule, ...]) -> Condition:
        kinds = (
            ["finding"] * 6 + ["history"] * 3 + ["band", "any_pass"] + ["conclusion"] * (4 if earlier else 0)
        )
        kind = self.random.choice(kinds)
        if kind == "conclusion":
            return Condition(alias, kind, self.conclusion_tests(earlier))
        tests: dict[str, Any] = {}
        for field in FIELDS[kind]:
            if self.random.random() < (0.5 if field in {"rule", "outcome"} else 0.25):
                if field not in INTEGER_FIELDS:
                    tests[field] = self.few(WORDS[field])
                elif self.random.random() < 0.5:
                    tests[field] = AtLeast(self.random.choice(INTEGER_FIELDS[field]))
                else:
                    tests[field] = self.few(tuple(INTEGER_FIELDS[field]))
        return Condition(alias, kind, tests)

    def conclusion_tests(self, earlier: tuple[DecisionRule, ...]) -> dict[str, Any]:
        """Tests that only conclusions of ``earlier`` rules can pass, so that there is no circle."""
        chosen = self.few(earlier)
        tests: dict[str, Any] = {"rule": tuple(rule.id for rule in chosen)}
        if self.random.random() < 0.5:
            tests["tag"] = tuple(dict.fromkeys(rule.then.tag for rule in chosen))
        if self.random.random() < 0.2:
            tests["decision"] = ("", "BAR", "RETURN")
        return tests

    def joins(self, when: tuple[Condition, ...]) -> tuple[Any, ...]:
        """No, some or many equalities between conditions about rules (or about bands)."""
        found: list[Any] = []
        for place, left in enumerate(when):
            for right in when[place + 1 :]:
                identity = {left.kind, right.kind}
                if identity <= {"finding", "history"} and self.random.random() < 0.6:
                    found.append(((left.alias, "rule"), (right.alias, "rule")))
                    if self.random.random() < 0.3:
                        pair = [(left.alias, "outcome"), (right.alias, "outcome")]
                        self.random.shuffle(pair)
                        found.append(tuple(pair))
                    if self.random.random() < 0.2:
                        sides = ("level" if left.kind == "history" else "severity",)
                        sides += ("level" if right.kind == "history" else "severity",)
                        found.append(((left.alias, sides[0]), (right.alias, sides[1])))
                elif identity == {"band"} and self.random.random() < 0.5:
                    found.append(((left.alias, "name"), (right.alias, "name")))
        return tuple(found[:3])

    def facts(self, findings: int) -> tuple[DecisionFact, ...]:
        """A question with up to ``findings`` findings, history and bands."""
        choice = self.random.choice
        found = [
            finding_fact(
                choice(RULES),
                choice(OUTCOMES),
                severity=choice(SEVERITIES),
                open_=choice((False, False, True)),
                subject=choice(SUBJECTS),
                count=self.random.randint(1, 4),
            )
            for _ in range(self.random.randint(0, findings))
        ]
        found += [
            history_fact(choice((-1, -2, -3, -4)), choice(RULES), choice(OUTCOMES), choice(SEVERITIES))
            for _ in range(self.random.randint(0, findings // 2))
        ]
        found += [band_fact(name, choice(values)) for name, values in BANDS if choice((True, False))]
        if choice((True, False)):
            found.append(any_pass_fact())
        return sorted_facts(found)


def brute_force(decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> tuple[Fired, ...]:
    """The meaning of a decision set, written down as plainly as possible."""

    def passes(fact: DecisionFact, condition: Condition) -> bool:
        return fact.kind == condition.kind and all(
            getattr(fact, field) >= test.minimum
            if isinstance(test, AtLeast)
            else getattr(fact, field) in test
            for field, test in condition.tests.items()
        )

    def ways(rule: DecisionRule, known: set[DecisionFact]) -> Iterator[tuple[DecisionFact, ...]]:
        place = {condition.alias: index for index, condition in enumerate(rule.when)}
        for way in product(*([fact for fact in known if passes(fact, condition)] for condition in rule.when)):
            if all(getattr(way[place[a]], f) == getattr(way[place[b]], g) for (a, f), (b, g) in rule.joins):
                yield way

    known: set[DecisionFact] = set(facts)
    while True:
        more = known | {conclusion_fact(rule) for rule in decisions.rules if any(ways(rule, known))}
        if more == known:
            break
        known = more
    premises = {
        rule: {fact for way in ways(decisions.rules[rule], known) for fact in way}
        for rule in range(len(decisions.rules))
    }
    order = sorted(
        premises, key=lambda rule: (-decisions.rules[rule].then.priority, decisions.rules[rule].id)
    )
    return tuple(
        Fired(decisions.rules[rule].id, tuple(sorted(premises[rule]))) for rule in order if premises[rule]
    )


def test_random_sets_are_within_the_limits():
    """The generator below makes what the compile-time check lets through, and covers every kind."""
    dice = Dice(1)
    kinds = set()
    for _ in range(200):
        decisions = dice.decisions()
        assert check_limits(decisions) == ()
        kinds |= {condition.kind for rule in decisions.rules for condition in rule.when}
    assert kinds == set(FIELDS)


def test_chainer_against_brute_force(seed: int):
    """The chainer means what the definition says, premises included."""
    dice = Dice(seed)
    chainer = Chainer()
    fired = 0
    for _ in range(400):
        decisions, facts = dice.decisions(), dice.facts(10)
        expected = brute_force(decisions, facts)
        assert expected == chainer.conclude(decisions, facts).fired
        fired += len(expected)
    assert fired > 400


def differ(seed: int, sets: int, questions: int) -> tuple[int, int]:
    """Ask both engines; returns how many rules fired and how many premises were conclusions."""
    dice = Dice(seed)
    chainer = Chainer()
    fired = chained = 0
    with_patience = Supervisor(deadline_s=20, wear=Wear(loads=400, sets=4))
    assert with_patience.start(wait_s=30)
    try:
        for _ in range(sets):
            decisions = dice.decisions()
            for _ in range(questions):
                facts = dice.facts(dice.random.choice((0, 4, 12, 24)))
                expected = chainer.conclude(decisions, facts).fired
                assert expected == with_patience.ask(decisions, facts), (decisions, facts)
                fired += len(expected)
                chained += sum(fact.kind == "conclusion" for each in expected for fact in each.premises)
    except WorkerGoneError as gone:
        pytest.fail(f"the worker did not survive: {gone}: {decisions}, {facts}")
    finally:
        with_patience.close()
    return fired, chained


def test_worker_against_chainer(seed: int):
    """5,000 questions over 500 sets: the same conclusions and premises from both engines."""
    fired, chained = differ(seed, sets=500, questions=10)
    assert fired > 5_000
    assert chained > 500


@pytest.mark.long
def test_worker_against_chainer_over_many_sets(seed: int):
    """5,000 different sets, dropped and recycled as they go."""
    fired, _ = differ(seed, sets=5_000, questions=2)
    assert fired > 5_000
