"""The values that findings show: whether those of two rules are the same wherever both are said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules_service.compile.view import ViewCheck
from rules_service.language.keys import Key, Keys, Reading, inlined
from rules_service.language.truth import Condition, TruthTables
from rules_service.language.typed import Node, cases
from rules_service.values.kinds import Base

__all__ = ["choosing", "shown_values"]

_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})


def _shown(check: ViewCheck) -> Iterator[tuple[str, Node]]:
    """The named values in texts and in what is offered."""
    texts = [text for case in (*check.message, *check.remedy) for text in (case.text.zh, case.text.en)]
    offered = check.suggestion
    names = {name for text in texts for name in text.lets}
    if offered is not None:
        names |= {offered.reference_value, offered.standard_id or ""}
    yield from ((name, typed.node) for name, typed in check.unit.lets if name in names)


def choosing(check: ViewCheck, parameters: Mapping[str, Any]) -> Iterator[Condition]:
    """The conditions that choose between values, and those that are shown themselves."""
    reading = Reading(dict(check.unit.lets), parameters)
    for _, node in _shown(check):
        for condition in _conditions(node, reading):
            yield Condition(condition, reading)


def _conditions(node: Node, reading: Reading) -> Iterator[Node]:
    node = inlined(node, reading)
    if node.kind.base is Base.BOOLEAN:
        yield node
    elif node.op not in _MACROS:
        for arg in node.args:
            yield from _conditions(arg, reading)


def shown_values(
    check: ViewCheck,
    parameters: Mapping[str, Any],
    tables: TruthTables,
    among: int,
    same: Mapping[Key, Key],
) -> dict[str, Key]:
    """By name what tells the values apart that are shown in some states; equal ones are the same values."""
    reading = Reading(dict(check.unit.lets), parameters)
    keys = Keys(same)

    def told(node: Node) -> Key:
        node = inlined(node, reading)
        if node.kind.base is Base.BOOLEAN:
            truth = tables.truth(Condition(node, reading))
            return ("truth", truth.true & among, truth.false & among)
        if node.op == "cond":
            for test, side in cases(node):
                truth = tables.truth(Condition(test, reading))
                if not among & ~truth.true:
                    return told(side)
                if among & ~truth.false:
                    break
            else:
                return told(node.args[-1])
            return ("cond", *map(told, node.args))
        if node.op in _MACROS or not node.args:
            return keys.key(node, reading)
        return (node.op, *map(told, node.args))

    return {name: told(node) for name, node in _shown(check)}
