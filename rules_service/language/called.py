"""Functions that generated code calls by name, of values that must all be there."""

from __future__ import annotations

from collections.abc import Sequence

from rules_service.language.typed import Node
from rules_service.language.writer import Module

__all__ = ["CALENDAR", "CALLED", "call_text", "may_fail", "parameters_of"]

CALENDAR = "@calendar"
"""The parameter, which no author can name, that holds the working days of the place."""

_OF_CALENDAR = frozenset({"working_days_after", "in_calendar"})
CALLED = frozenset({"months_after", "at_point", "point_reached"}) | _OF_CALENDAR
"""The ``op`` of such nodes, which is the function's name too."""


def parameters_of(node: Node) -> tuple[str, ...]:
    """The parameters that a node itself reads."""
    if node.op == "param":
        return (str(node.data),)
    return (CALENDAR,) if node.op in _OF_CALENDAR else ()


def call_text(module: Module, node: Node, args: Sequence[str]) -> str:
    """The call as generated text; ``args`` are the arguments' values."""
    parts = list(args)
    if node.op in _OF_CALENDAR:
        parts.insert(0, module.parameters[CALENDAR])
    if node.op == "at_point":
        element = node.args[0].kind.element
        assert element is not None, "a table has an element kind"
        parts.append(repr(element.scale))
    return f"{node.op}({', '.join(parts)})"


def may_fail(node: Node) -> bool:
    """Whether the function may have no answer although its arguments are there."""
    return node.op in {"months_after", "working_days_after"}
