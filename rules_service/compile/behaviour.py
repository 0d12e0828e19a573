"""What a check comes to in every state of what it reads, as truth tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules_service.compile.resolve import program_unit
from rules_service.compile.view import ViewCheck
from rules_service.language.keys import Reading
from rules_service.language.truth import Condition, Truth, TruthTables
from rules_service.language.typed import Typed

__all__ = ["Behaviour", "behaviour", "conditions_of"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The sets of states in which a check says what.

    ``steps`` and ``open`` are by severity step: which one a FAIL has, and which higher one it leaves open
    (the first that is undecided); ``reasons``, ``messages`` and ``remedies`` by case, and ``actions`` by
    action, of the FAILs.
    """

    not_applicable: int
    passed: int
    failed: int
    undecided: int
    steps: Mapping[int, int]
    open: Mapping[int, int]
    reasons: tuple[int, ...]
    messages: tuple[int, ...]
    remedies: tuple[int, ...]
    actions: tuple[int, ...]


def conditions_of(check: ViewCheck, parameters: Mapping[str, Any]) -> Iterator[Condition]:
    """Every condition that decides something of a check, under values of its parameters."""
    unit = program_unit(check)
    reading = Reading(dict(unit.lets), parameters)
    typed: list[Typed | None] = [unit.applies_when, unit.fails_when]
    typed += [step for _, step in unit.severity]
    cases = [case.let for case in (*check.message, *check.remedy)]
    cases += [reason.let for reason in check.reasons] + [action.let for action in check.actions]
    typed += [reading.lets[name] for name in cases if name is not None]
    yield from (Condition(one.node, reading) for one in typed if one is not None)


def behaviour(check: ViewCheck, parameters: Mapping[str, Any], tables: TruthTables) -> Behaviour:
    """What a check says, in the states of tables that its conditions are part of."""
    unit, possible = program_unit(check), tables.space.possible
    reading = Reading(dict(unit.lets), parameters)

    def truth(typed: Typed | str | None) -> Truth:
        typed = reading.lets[typed] if isinstance(typed, str) else typed
        return Truth(tables.space.all, 0) if typed is None else tables.truth(Condition(typed.node, reading))

    def cases(names: Iterable[str | None], among: int) -> tuple[int, ...]:
        """The first that certainly holds is chosen; the last one has no condition."""
        chosen = []
        for name in names:
            states = truth(name).true & among
            chosen.append(states)
            among &= ~states
        return tuple(chosen)

    applies, fails = truth(unit.applies_when), truth(unit.fails_when)
    not_applicable = applies.false & possible
    passed = fails.false & possible & ~not_applicable
    failed = applies.true & fails.true & possible
    steps, open_ = {}, {}
    left, closed = failed, failed
    for number, typed in unit.severity:
        holds = truth(typed)
        undecided = left & ~holds.true & ~holds.false
        steps[number] = left & holds.true
        open_[number] = undecided & closed
        left, closed = left & ~holds.true, closed & ~undecided
    return Behaviour(
        not_applicable=not_applicable,
        passed=passed,
        failed=failed,
        undecided=possible & ~(not_applicable | passed | failed),
        steps=steps,
        open=open_,
        reasons=cases([reason.let for reason in check.reasons], failed),
        messages=cases([case.let for case in check.message], failed),
        remedies=cases([case.let for case in check.remedy], failed),
        actions=tuple(truth(action.let).true & failed for action in check.actions),
    )
