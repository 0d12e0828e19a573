"""Decision facts, decision rules and the protocol ``Concluder``: what conclusions are drawn from.

Everything here is a closed vocabulary: short words and small integers, no ids, texts or amounts of a request.
A question is a ``DecisionSet`` and a sorted tuple of ``DecisionFact``; the answer is a ``Concluded``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

__all__ = [
    "BY_BOTH",
    "BY_CHAINER",
    "BY_DURABLE",
    "FIELDS",
    "INTEGER_FIELDS",
    "AtLeast",
    "Concluded",
    "Concluder",
    "Conclusion",
    "Condition",
    "DecisionFact",
    "DecisionRule",
    "DecisionSet",
    "FieldRef",
    "Fired",
    "Signature",
    "Test",
    "any_pass_fact",
    "band_fact",
    "conclusion_fact",
    "finding_fact",
    "history_fact",
    "signature",
    "sorted_facts",
]

BY_BOTH = "durable+chainer"
"""Both engines answered, and agreed."""
BY_CHAINER = "chainer"
"""The chainer answered alone."""
BY_DURABLE = "durable"
"""The worker answered alone (only when it is asked directly)."""

# The fields of each kind of fact, in the order in which they are shown.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "finding": ("rule", "outcome", "severity", "open", "subject", "n"),
    "history": ("offset", "rule", "outcome", "level"),
    "band": ("name", "value"),
    "any_pass": (),
    "conclusion": ("rule", "decision", "level", "action", "tag"),
}

# Integer fields and the values that they can have.
INTEGER_FIELDS: Mapping[str, range] = {"open": range(2), "n": range(1, 4), "offset": range(-4, 0)}


class DecisionFact(NamedTuple):
    """One decision fact; fields that its kind does not have keep their defaults.

    * ``finding``: rule, outcome, severity ("" without one), open (1: a higher severity is open), subject
      (kind word), n (1, 2, or 3 for three and more);
    * ``history``: offset (-1 … -4), rule, outcome, level ("" without one);
    * ``band``: name, value (short code);
    * ``any_pass``: nothing else;
    * ``conclusion``: rule, decision, level, action, tag. Concluders make these; a question never holds one.

    A named tuple, because a question is hashed on the hot path and tuples hash fastest.
    """

    kind: str
    rule: str = ""
    outcome: str = ""
    severity: str = ""
    open: int = 0
    subject: str = ""
    n: int = 0
    offset: int = 0
    level: str = ""
    name: str = ""
    value: str = ""
    decision: str = ""
    action: str = ""
    tag: str = ""

    def shown(self) -> dict[str, str | int]:
        """The fact as a small mapping of its own fields, for logs, explanations and cases."""
        return {"kind": self.kind} | {field: getattr(self, field) for field in FIELDS[self.kind]}


def finding_fact(
    rule: str, outcome: str, *, severity: str = "", open_: bool = False, subject: str = "", count: int = 1
) -> DecisionFact:
    """The fact of ``count`` (≥ 1) findings alike in rule, outcome, severity, openness and kind of subject."""
    return DecisionFact(
        "finding", rule, outcome, severity=severity, open=int(open_), subject=subject, n=min(count, 3)
    )


def history_fact(offset: int, rule: str, outcome: str, level: str = "") -> DecisionFact:
    """The fact of what an earlier checkpoint said; ``offset`` is -1 for the last one."""
    return DecisionFact("history", rule, outcome, offset=offset, level=level)


def band_fact(name: str, value: str) -> DecisionFact:
    """The fact that score ``name`` lies in the band with the code ``value``."""
    return DecisionFact("band", name=name, value=value)


def any_pass_fact() -> DecisionFact:
    """The fact that some check passed."""
    return DecisionFact("any_pass")


class AtLeast(NamedTuple):
    """A test of an integer field: the value is ``minimum`` or more."""

    minimum: int


Test = tuple[str, ...] | tuple[int, ...] | AtLeast
"""The allowed values of a field, or (integers only) the smallest allowed one."""

FieldRef = tuple[str, str]
"""An alias and a field of its fact."""


@dataclass(frozen=True, slots=True)
class Condition:
    """There is a fact of ``kind`` that passes every one of ``tests`` (field → allowed values).

    The aliases of one rule differ. Two conditions of a rule may be met by the same fact.
    """

    alias: str
    kind: str
    tests: Mapping[str, Test]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a decision rule concludes; ``tag`` is an intermediate conclusion that other rules can match on."""

    decision: str | None = None
    level: str | None = None
    action: str | None = None
    tag: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """``then`` holds when facts meet all of ``when`` and agree in the fields of each pair of ``joins``."""

    id: str
    when: tuple[Condition, ...]
    then: Conclusion
    joins: tuple[tuple[FieldRef, FieldRef], ...] = ()


def conclusion_fact(rule: DecisionRule) -> DecisionFact:
    """The fact that ``rule`` fired, on which the ``conclusion`` conditions of other rules match."""
    then = rule.then
    return DecisionFact(
        "conclusion",
        rule.id,
        decision=then.decision or "",
        level=then.level or "",
        action=then.action or "",
        tag=then.tag or "",
    )


@dataclass(frozen=True, slots=True)
class DecisionSet:
    """The decision rules of one ruleset for one service; ``hash`` identifies their content."""

    hash: str
    rules: tuple[DecisionRule, ...]

    @classmethod
    def of(cls, rules: Iterable[DecisionRule]) -> DecisionSet:
        """A set with the SHA-256 of its rules, which does not depend on their order."""
        ordered = tuple(sorted(rules, key=lambda rule: rule.id))
        text = json.dumps([_plain(rule) for rule in ordered], ensure_ascii=True, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest(), ordered)


def _plain(rule: DecisionRule) -> list[Any]:
    then = rule.then
    return [
        rule.id,
        [[condition.alias, condition.kind, _plain_tests(condition.tests)] for condition in rule.when],
        [then.decision, then.level, then.action, then.tag, then.priority],
        rule.joins,
    ]


def _plain_tests(tests: Mapping[str, Test]) -> dict[str, Any]:
    return {
        field: {"min": test.minimum} if isinstance(test, AtLeast) else list(test)
        for field, test in tests.items()
    }


Signature = tuple[str, tuple[DecisionFact, ...]]
"""The hash of the decision set and the sorted facts: two requests with one signature get one conclusion."""


def signature(decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Signature:
    """The signature of a question; ``facts`` are sorted and hold each fact once."""
    return (decisions.hash, facts)


def sorted_facts(facts: Iterable[DecisionFact]) -> tuple[DecisionFact, ...]:
    """The facts as a question wants them: each once, sorted."""
    return tuple(sorted(set(facts)))


class Fired(NamedTuple):
    """A rule that fired, with every fact and conclusion that takes part in a way to meet its conditions.

    ``premises`` are sorted; conclusions of other rules are facts of the kind ``conclusion``.
    """

    rule_id: str
    premises: tuple[DecisionFact, ...]


@dataclass(frozen=True, slots=True)
class Concluded:
    """The conclusions of one answer.

    ``fired`` is ordered by falling priority, then rule id, each rule once. ``by`` says who answered:
    ``durable+chainer`` or ``chainer`` (a remembered answer keeps the word of the original). With
    ``disagreement`` the engines differed: ``fired`` is empty and the answer is an ERROR that goes to MANUAL.
    """

    fired: tuple[Fired, ...]
    by: str
    disagreement: bool = False


class Concluder(Protocol):
    """Draws conclusions; callable from any thread."""

    def conclude(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        """Conclude from ``facts`` (see ``sorted_facts``).

        Raises ``ValueError`` for a question outside the closed vocabulary; never for a failure of an engine.
        """
        ...
