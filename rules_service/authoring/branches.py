"""Branches: each severity, reason, text and action of a rule, and each part of its conditions.

A part of a condition is what stands between `&&`, `||`, `!` and the choices. It is covered as true (false) by
a test in which it is so, and in which the rule would have said something else had it been false (true).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rules_service.authoring.watched import Row
from rules_service.compile.behaviour import Behaviour, behaviour, conditions_of
from rules_service.compile.resolve import program_unit
from rules_service.compile.view import ViewCheck
from rules_service.language.keys import Reading, inlined
from rules_service.language.program import Trace
from rules_service.language.sentence import state_words
from rules_service.language.states import State, TooManyStatesError, Value
from rules_service.language.truth import Condition, Truth, TruthTables, joined, joins
from rules_service.language.typed import Node, Typed

__all__ = ["Branch", "Branches"]


@dataclass(frozen=True, slots=True, order=True)
class Branch:
    """``part`` of a rule (``severity``, ``message``, ``fails_when`` …), and which case of it."""

    rule: str
    part: str
    case: str


class _Root(NamedTuple):
    """A condition whose parts are looked at: those of scope and failing decide together."""

    part: str
    typed: Typed


class Branches:
    """The conditions of one check, taken apart; ``parts`` are what a recorder records."""

    def __init__(self, check: ViewCheck) -> None:
        self._check = check
        self._unit = program_unit(check)
        self._lets = dict(self._unit.lets)
        self._reading = Reading(self._lets, {})
        self.parts: list[Node] = []
        self._names: dict[int, str] = {}
        self._numbers: dict[int, int] = {}  # of the parts of one name, from 1
        for root in self._roots():
            self._take_apart(root.part, root.typed.node)

    def _roots(self) -> Iterator[_Root]:
        unit, check = self._unit, self._check
        if unit.applies_when is not None:
            yield _Root("applies_when", unit.applies_when)
        yield _Root("fails_when", unit.fails_when)
        for number, typed in unit.severity:
            if typed is not None:
                yield _Root(f"severity.{check.severities[number].declared.name}", typed)
        for reason in check.reasons:
            if reason.let is not None:
                yield _Root(f"reason_code.{reason.code}", self._lets[reason.let])

    def _take_apart(self, part: str, node: Node) -> None:
        node = inlined(node, self._reading)
        if joins(node):
            for arg in node.args:
                self._take_apart(part, arg)
        elif id(node) not in self._names and node.op != "const":
            self._numbers[id(node)] = sum(name == part for name in self._names.values()) + 1
            self._names[id(node)] = part
            self.parts.append(node)

    # --- which there are -----------------------------------------------------------------------

    def possible(self, parameters: Mapping[str, Any]) -> Iterator[Branch]:
        """The branches that can be taken with these values; none, if there is too much to list."""
        try:
            tables = TruthTables(conditions_of(self._check, parameters))
        except TooManyStatesError:
            return
        yield from self._cases(behaviour(self._check, parameters, tables))
        reading = Reading(self._lets, parameters)
        truths = {id(node): tables.truth(Condition(node, reading)) for node in self.parts}
        for node, value in self._effective(truths, tables.space.all, tables.space.possible):
            yield self.named(node, value)

    def _cases(self, said: Behaviour) -> Iterator[Branch]:
        check = self._check
        for step, states in said.steps.items():
            if states:
                yield self._branch("severity", f"{step + 1} {check.severities[step].declared.name}")
        for part, names, cases in (
            ("reason_code", [reason.code for reason in check.reasons], said.reasons),
            ("message", [str(number + 1) for number in range(len(check.message))], said.messages),
            ("remedy", [str(number + 1) for number in range(len(check.remedy))], said.remedies),
            ("action", [action.action.value for action in check.actions], said.actions),
        ):
            for name, states in zip(names, cases, strict=True):
                if states:
                    yield self._branch(part, name)

    def _branch(self, part: str, case: str) -> Branch:
        return Branch(self._check.id, part, case)

    def named(self, node: Node, value: bool) -> Branch:
        """The branch that a part is, as true or as false."""
        return self._branch(self._names[id(node)], f"{self._numbers[id(node)]} {str(value).lower()}")

    def words(self) -> dict[Branch, tuple[str, str]]:
        """The parts in words of zh and en, as they must be."""
        return {
            self.named(node, value): (_said(node, value, "zh"), _said(node, value, "en"))
            for node in self.parts
            for value in (True, False)
        }

    # --- which are taken -----------------------------------------------------------------------

    def taken(self, trace: Trace) -> Iterator[Branch]:
        """The branches that a check took on one subject; its last named values are those of the parts."""
        yield from self.taken_parts(trace, trace.let_values[len(trace.let_values) - len(self.parts) :])

    def taken_parts(self, trace: Trace, values: Sequence[Any]) -> Iterator[Branch]:
        """The same, where the parts have these values."""
        truths = {
            id(node): Truth(int(value is True), int(value is False))
            for node, value in zip(self.parts, values, strict=True)
        }
        for node, value in self._effective(truths, 1, 1):
            yield self.named(node, value)
        if not (trace.applies and trace.fails):
            return
        check = self._check
        if trace.severity is not None:
            level = check.severities[trace.severity].declared.name
            yield self._branch("severity", f"{trace.severity + 1} {level}")
        named = dict(zip(trace.shown.lets, trace.let_values, strict=True))
        for part, cases in (
            ("reason_code", [(reason.let, reason.code) for reason in check.reasons]),
            ("message", [(case.let, str(number + 1)) for number, case in enumerate(check.message)]),
            ("remedy", [(case.let, str(number + 1)) for number, case in enumerate(check.remedy)]),
        ):
            chosen = next((name for let, name in cases if let is None or named[let] is True), None)
            if chosen is not None:
                yield self._branch(part, chosen)
        for action in check.actions:
            if action.let is None or named[action.let] is True:
                yield self._branch("action", action.action.value)

    def sides(self, trace: Trace) -> Iterator[tuple[str, bool]]:
        """The parameters of parts that were true or false."""
        values = trace.let_values[len(trace.let_values) - len(self.parts) :]
        for node, value in zip(self.parts, values, strict=True):
            if value is not None:
                yield from ((name, value) for name in self._parameters(node))

    def rows(self, trace: Trace) -> Iterator[Row]:
        """The rows of decision tables that held."""
        values = dict(zip(trace.shown.lets, trace.let_values, strict=True))
        for table in self._check.tables:
            held = values[table.row]
            numbers = held if isinstance(held, tuple) else () if held is None else (held,)
            yield from ((f"table.{table.id}", str(number)) for number in numbers)

    def parameters(self) -> frozenset[str]:
        """The parameters that parts read."""
        return frozenset(name for node in self.parts for name in self._parameters(node))

    def _parameters(self, node: Node) -> Iterator[str]:
        node = inlined(node, self._reading)
        if node.op == "param":
            yield str(node.data)
        for arg in node.args:
            yield from self._parameters(arg)

    def _effective(
        self, truths: Mapping[int, Truth], everything: int, possible: int
    ) -> Iterator[tuple[Node, bool]]:
        """The parts that decide, with the value with which they do."""
        before = self._said(truths, everything)
        for node in self.parts:
            own = truths[id(node)]
            for value, states in ((True, own.true), (False, own.false)):
                other = Truth(0, everything) if value else Truth(everything, 0)
                after = self._said({**truths, id(node): other}, everything)
                if states & possible & _differing(self._names[id(node)], before, after):
                    yield node, value

    def deciding(self, truths: Mapping[int, Truth], everything: int) -> dict[int, int]:
        """The states in which each part decides, by the identity of its node; ``truths`` are the parts'."""
        before = self._said(truths, everything)
        found: dict[int, int] = {}
        for node in self.parts:
            found[id(node)] = 0
            for other in (Truth(0, everything), Truth(everything, 0)):
                after = self._said({**truths, id(node): other}, everything)
                found[id(node)] |= _differing(self._names[id(node)], before, after)
        return found

    def _said(self, truths: Mapping[int, Truth], everything: int) -> dict[str, Truth]:
        """The truth of each condition, by its part."""
        return {root.part: self._truth(root.typed.node, truths, everything) for root in self._roots()}

    def _truth(self, node: Node, truths: Mapping[int, Truth], everything: int) -> Truth:
        node = inlined(node, self._reading)
        if id(node) in truths:
            return truths[id(node)]
        if node.op == "const":
            return Truth(everything, 0) if node.data is True else Truth(0, everything)
        return joined(node, [self._truth(arg, truths, everything) for arg in node.args])


def _differing(part: str, before: Mapping[str, Truth], after: Mapping[str, Truth]) -> int:
    """The states in which the outcome differs; for other parts, those in which their own condition does."""
    if part not in {"applies_when", "fails_when"}:
        return _unequal(before[part], after[part])
    differing = 0
    for one, two in zip(_outcomes(before), _outcomes(after), strict=True):
        differing |= one ^ two
    return differing


def _outcomes(said: Mapping[str, Truth]) -> tuple[int, int, int]:
    """The states of NOT_APPLICABLE, PASS and FAIL."""
    fails = said["fails_when"]
    applies = said.get("applies_when")
    if applies is None:
        return 0, fails.false, fails.true
    return applies.false, fails.false & ~applies.false, applies.true & fails.true


def _unequal(one: Truth, two: Truth) -> int:
    return (one.true ^ two.true) | (one.false ^ two.false)


def _said(node: Node, value: bool, language: str) -> str:
    return state_words([State(node, None, Value("true" if value else "false"))], language)
