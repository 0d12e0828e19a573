"""What tells the values of conditions apart, and which of them are constants."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from rules_service.language.called import CALLED
from rules_service.language.typed import FactRef, Node, Typed
from rules_service.model.catalogue import Catalogue
from rules_service.values.kinds import Base, Kind

__all__ = ["HAS", "MISSING", "NOT_CONSTANT", "Key", "Keys", "Reading", "inlined", "presence"]

HAS: Final = "has:"
NOT_CONSTANT: Final = object()
MISSING: Final = object()
"""An empty parameter, and what is computed from one."""

# Of these, data is only how they are called in texts.
_NAMED: Final = frozenset(
    {"eq", "ne", "lt", "le", "gt", "ge", "div", "size", "sum", "min", "max", "avg", "abs", "months_after"}
)

Key = tuple[Any, ...]
"""What tells two values apart: equal keys are computed alike from equal facts."""


class Reading(NamedTuple):
    """What names mean in a condition: named values, and values of parameters (docs/architecture.md §1)."""

    lets: Mapping[str, Typed]
    parameters: Mapping[str, Any]


class Keys:
    """Keys and constants of nodes; ``same`` says which keys stand for others."""

    def __init__(self, same: Mapping[Key, Key]) -> None:
        self._same = same

    def key(self, node: Node, reading: Reading) -> Key:
        """The key of a node; named values and parameters count as what they stand for."""
        node = inlined(node, reading)
        value = self.constant(node, reading)
        if value is not NOT_CONSTANT:
            return ("constant", "missing" if value is MISSING else value, str(node.kind))
        ref = node.data
        data = (ref.subject, ref.slot, ref.variable) if isinstance(ref, FactRef) else ref
        if node.op in _NAMED:
            data = None
        key = (node.op, data, *(self.key(arg, reading) for arg in node.args))
        return self._same.get(key, key)

    def constant(self, node: Node, reading: Reading) -> Any:
        """The value of a node that reads constants and parameters only: numbers as fractions."""
        node = inlined(node, reading)
        if node.op == "const":
            return _exact(node.data, node.kind)
        if node.op == "param":
            return _exact(reading.parameters.get(str(node.data)), node.kind)
        if node.op in {"nothing", "set"}:
            is_set = node.op == "set" and reading.parameters.get(str(node.args[0].data)) is not None
            return is_set if node.op == "set" else MISSING
        if node.op in CALLED:
            empty = any(self.constant(arg, reading) is MISSING for arg in node.args)
            return MISSING if empty else NOT_CONSTANT
        if node.op not in {"items", "add", "sub", "mul", "div", "neg", "abs"}:
            return NOT_CONSTANT
        values = [self.constant(arg, reading) for arg in node.args]
        if any(value is NOT_CONSTANT for value in values):
            return NOT_CONSTANT
        if any(value is MISSING for value in values):
            return MISSING
        return tuple(values) if node.op == "items" else _calculated(node.op, values)


def inlined(node: Node, reading: Reading) -> Node:
    """What a node stands for: a named value's own."""
    while node.op == "let":
        node = reading.lets[str(node.data)].node
    return node


def presence(node: Node) -> Node | None:
    """The fact whose presence a node asks."""
    ref = node.data
    if node.op != "fact" or not isinstance(ref, FactRef) or not ref.slot.startswith(HAS):
        return None
    fact = Catalogue.load().get(ref.name)
    kind = Kind(Base.BOOLEAN) if fact is None or fact.kind in {"list", "record"} else Kind.parse(fact.kind)
    plain = FactRef(ref.subject, ref.slot.removeprefix(HAS), ref.name, ref.zh, ref.variable)
    return Node("fact", kind, data=plain)


def _exact(value: Any, kind: Kind) -> Any:
    """A value as constants are compared here: numbers and dates as fractions."""
    if value is None:
        return MISSING
    if isinstance(value, tuple) and kind.is_list:
        element = kind.element
        assert element is not None
        return tuple(_exact(item, element) for item in value)
    if kind.ratio:
        return Fraction(*value)
    if kind.numeric:
        return Fraction(value, 10**kind.scale)
    return Fraction(value) if kind.base is Base.DATE else value


def _calculated(op: str, values: list[Any]) -> Any:
    if op == "neg":
        return -values[0]
    if op == "abs":
        return abs(values[0])
    one, two = values
    if op == "div":
        return one / two if two else MISSING
    return one + two if op == "add" else one - two if op == "sub" else one * two
