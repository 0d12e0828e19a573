"""Decision tables as boxes: the inputs' axes, and which atoms of them the cells of each row cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rules_service.compile.decision_tables import BuiltTable
from rules_service.compile.table_space import Box
from rules_service.language.keys import MISSING, Keys, Reading
from rules_service.language.states import Term, Value, known_values
from rules_service.language.truth import COMPARED, against
from rules_service.language.typed import Node, Typed, table_let
from rules_service.language.words import table as table_of_words
from rules_service.values.dates import date_text
from rules_service.values.kinds import PRICE_SCALE, Base, Kind
from rules_service.values.numbers import DECIMALS, fixed_text

__all__ = ["Axis", "Boxes", "boxes_of"]

_NUMBERS = frozenset({"size", "abs"})  # never below zero
_LARGE = 10_000  # yuan, from which amounts are written in 万元


@dataclass(frozen=True, slots=True)
class Axis:
    """One input: its name, kind and atoms; ``within`` are the atoms that its range leaves."""

    title: Mapping[str, str]
    kind: Kind
    atoms: tuple[Value, ...]
    within: int

    @property
    def ordered(self) -> bool:
        """Whether its atoms follow each other."""
        return self.kind.numeric or self.kind.base is Base.DATE

    def shown(self, part: int, language: str) -> str:
        """Some of its atoms as a cell would say them."""
        held = [atom for number, atom in enumerate(self.atoms) if part >> number & 1]
        if self.ordered:
            return self._interval(held[0], held[-1])
        said = [str(atom.low) if atom.case == "is" else _word(atom.case, language) for atom in held]
        return _word("separator", language).join(said)

    def _interval(self, first: Value, last: Value) -> str:
        low, high = first.low, last.high if last.case == "between" else last.low
        if first.case == last.case == "is" and low == high:
            return _literal(low, self.kind)
        opening = "[" if first.case == "is" else "("
        closing = "]" if last.case == "is" else ")"
        if low is None or high is None:
            known, sign = (high, "<") if low is None else (low, ">")
            bracket = closing if low is None else opening
            if known is None:
                return "-"
            return f"{sign}{'=' if bracket in '[]' else ''} {_literal(known, self.kind)}"
        return f"{opening}{_literal(low, self.kind)}..{_literal(high, self.kind)}{closing}"


@dataclass(frozen=True, slots=True)
class Boxes:
    """A table's rows as boxes under values of parameters, in their order.

    ``sure`` are what rows certainly cover; ``possible`` what they may cover, whatever value the ``empty``
    parameters get. Both are the same where none is empty.
    """

    axes: tuple[Axis, ...]
    sure: tuple[Box, ...]
    possible: tuple[Box, ...]
    empty: tuple[str, ...]

    @property
    def ranges(self) -> Box:
        """All values that there are."""
        return tuple(axis.within for axis in self.axes)

    def shown(self, box: Box, language: str) -> str:
        """A box in words; inputs that may be anything are left out."""
        said = [
            _word("demand", language).format(axis.title[language], axis.shown(part, language))
            for axis, part in zip(self.axes, box, strict=True)
            if part != axis.within
        ]
        return _word("between", language).join(said) or _word("anything", language)


def boxes_of(table: BuiltTable, parameters: Mapping[str, Any]) -> Boxes:
    """The boxes of a typed table's rows under values of its parameters."""
    axes: list[Axis] = []
    columns: list[list[tuple[int, int]]] = []
    for place in range(len(table.layered.document.inputs)):
        axis, parts = _column(table, place, Reading({}, parameters))
        axes.append(axis)
        columns.append(parts)
    cells = table.layered.source.parameters
    return Boxes(
        axes=tuple(axes),
        sure=tuple(tuple(sure for sure, _ in row) for row in zip(*columns, strict=True)),
        possible=tuple(tuple(possible for _, possible in row) for row in zip(*columns, strict=True)),
        empty=tuple(sorted(name for name in cells if parameters.get(name) is None)),
    )


def _column(table: BuiltTable, place: int, reading: Reading) -> tuple[Axis, list[tuple[int, int]]]:
    """The axis of an input, and by row the atoms that its cell covers: surely, and possibly."""
    document = table.layered.document.inputs[place]
    value = table.lets[table_let(table.id, document.name)].node
    ranged = table.ranges[place]
    cells = [row[place] for row in table.tests]
    term = Term(value, _shape(value.kind))
    term.whole = not value.kind.ratio and value.kind.scale == 0
    term.lowest = Fraction(0) if value.op in _NUMBERS else None
    term.words = table.words[place]
    term.constants.update(term.words)
    for cell in (*cells, ranged):
        if cell is not None:
            term.constants.update(_constants(cell.node, reading))
    atoms = known_values(term)
    axis = Axis(
        {"zh": document.title.zh.text, "en": document.title.en.text},
        value.kind,
        atoms,
        _part(ranged, atoms, reading)[0],
    )
    parts = [_part(cell, atoms, reading) for cell in cells]
    return axis, [(sure & axis.within, possible & axis.within) for sure, possible in parts]


def _shape(kind: Kind) -> str:
    if kind.base is Base.BOOLEAN:
        return "truth"
    return "ordered" if kind.numeric or kind.base is Base.DATE else "plain"


def _constants(node: Node, reading: Reading) -> Iterator[Any]:
    """What a cell compares its input with."""
    if node.op in COMPARED or node.op == "in":
        constant = _KEYS.constant(node.args[1], reading)
        if constant is not MISSING:
            yield from constant if node.op == "in" else (constant,)
        return
    for arg in node.args:
        yield from _constants(arg, reading)


def _part(cell: Typed | None, atoms: tuple[Value, ...], reading: Reading) -> tuple[int, int]:
    """The atoms that a cell covers surely, and those that it may cover."""
    held = [True if cell is None else _holds(cell.node, atom, reading) for atom in atoms]
    sure = sum(1 << number for number, one in enumerate(held) if one is True)
    return sure, sure | sum(1 << number for number, one in enumerate(held) if one is None)


def _holds(node: Node, atom: Value, reading: Reading) -> bool | None:
    """Whether a cell holds of an atom; ``None`` where that rests on an empty parameter."""
    if node.op == "not":
        held = _holds(node.args[0], atom, reading)
        return None if held is None else not held
    if node.op in {"and", "or"}:
        parts = [_holds(arg, atom, reading) for arg in node.args]
        decides = node.op == "or"
        return decides if decides in parts else None if None in parts else not decides
    if node.op not in COMPARED and node.op != "in":
        return atom.case == "true"
    constant = _KEYS.constant(node.args[1], reading)
    if constant is MISSING:
        return None
    if node.op == "in":
        return atom.case == "is" and atom.low in constant
    return against(atom, constant) in COMPARED[node.op]


_KEYS = Keys({})


def _word(key: str, language: str) -> str:
    return str(table_of_words()["cells"][key][language])


def _literal(value: Fraction, kind: Kind) -> str:
    """A value as cells write it."""
    if kind.base is Base.DATE:
        return date_text(int(value))
    if kind.base is Base.MONEY:
        yuan = value / 100
        is_large = abs(yuan) >= _LARGE and yuan % 100 == 0
        return f"{_decimal(yuan / _LARGE)}万元" if is_large else f"{_decimal(yuan)}元"
    if kind.base in {Base.RATE, Base.POINTS}:
        return f"{_decimal(value * 100)}{'%' if kind.base is Base.RATE else 'pp'}"
    return _decimal(value)


def _decimal(value: Fraction) -> str:
    """A number in decimals; that of a price has some more than others."""
    decimals = DECIMALS + PRICE_SCALE
    return fixed_text(int(value * 10**decimals), decimals)
