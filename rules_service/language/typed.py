"""The typed tree, which is all that code is ever generated from, and what a program is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from rules_service.language.tree import Tree
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.subjects import ROOTS, SUBJECTS
from rules_service.values.kinds import PRICE, Kind, list_of, subject_list

__all__ = [
    "TABLE_LET",
    "CheckUnit",
    "Env",
    "FactRef",
    "Formula",
    "Node",
    "ParameterType",
    "Typed",
    "cases",
    "fact_kind",
    "table_let",
    "visible_subjects",
    "walk",
]


def visible_subjects(subject: str) -> tuple[str, ...]:
    """The subjects whose facts a check of ``subject`` may name, innermost first."""
    around = SUBJECTS[subject].around
    return (*around, *(root for root in ROOTS if root not in around))


def fact_kind(fact: Fact) -> Kind:
    """The kind of a fact; money in yuan (``…_yuan``) is a unit price."""
    if fact.kind == "list":
        element = fact.element or ""
        scalar = element in _ELEMENTS
        return list_of(Kind.parse(element)) if scalar else subject_list(element)
    if fact.kind == "money" and fact.name.endswith("_yuan"):
        return PRICE
    return Kind.parse(fact.kind)


_ELEMENTS = frozenset(
    {"money", "price", "rate", "ratio<rate>", "points", "quantity", "count", "score", "date"}
    | {"text", "code", "boolean"}
)


@dataclass(frozen=True, slots=True)
class FactRef:
    """Which fact a node reads: subject, slot (``weight`` or ``has:weight``), full name and Chinese name.

    ``variable`` is the number of the macro variable whose element is asked, -1 for a named subject.
    """

    subject: str
    slot: str
    name: str
    zh: str
    variable: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A typed node.

    ``op`` and its ``data``: const (the Python value), fact (``FactRef``), variable (its number), param
    (id), let (name), and, or, not, cond (tests and values in turn, the last value without a test), hits
    (tests and values in turn: the list of the values whose tests hold), nothing (no value; what is asked
    for one); eq ne lt le gt ge (``data`` is the parameter for ``meets``);
    in; add sub mul div neg abs floor (``data`` of div: how its divisor is called); contains startsWith
    endsWith matches; size sum min max avg (``data``: how its list is called); all exists exists_one filter
    map (number of the variable); items; months_after, working_days_after, in_calendar; at_point,
    point_reached (of a table parameter); set (whether its parameter has a value); outcome (rule),
    failed_in_a_row (rules).
    """

    op: str
    kind: Kind
    args: tuple[Node, ...] = ()
    data: object = None


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A checked expression; ``root`` is ``None`` if ``diagnostics`` holds an error."""

    root: Node | None
    tree: Tree
    diagnostics: tuple[Diagnostic, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)  # English names by offset of the path
    lets: Mapping[str, Typed] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether code may be generated."""
        return self.root is not None

    @property
    def node(self) -> Node:
        """The root of an expression without errors."""
        if self.root is None:
            raise ValueError("the expression has errors")
        return self.root

    def facts(self) -> frozenset[str]:
        """Full names of the facts it reads, those of its named values included."""
        return frozenset(
            item.data.name for item in self.nodes() if item.op == "fact" and isinstance(item.data, FactRef)
        )

    def parameters(self) -> frozenset[str]:
        """The parameters it reads, those of its named values included."""
        return frozenset(str(item.data) for item in self.nodes() if item.op == "param")

    def optional_parameters(self) -> frozenset[str]:
        """The parameters of which it asks whether they have a value: it also decides while they are empty."""
        return frozenset(str(item.args[0].data) for item in self.nodes() if item.op == "set")

    def rules(self) -> frozenset[str]:
        """The rules whose outcomes it reads."""
        found: set[str] = set()
        for item in self.nodes():
            if item.op == "outcome":
                found.add(str(item.data))
            elif item.op == "failed_in_a_row" and isinstance(item.data, tuple):
                found.update(item.data)
        return frozenset(found)

    def nodes(self) -> Iterator[Node]:
        """All its nodes and those of its named values."""
        if self.root is not None:
            yield from walk(self.root)
            for name in {str(item.data) for item in walk(self.root) if item.op == "let"}:
                yield from self.lets[name].nodes()


def cases(node: Node) -> tuple[tuple[Node, Node], ...]:
    """The tests of ``cond`` and ``hits`` with their values."""
    return tuple(zip(node.args[::2], node.args[1::2], strict=False))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in source order."""
    yield node
    for arg in node.args:
        yield from walk(arg)


@dataclass(frozen=True, slots=True)
class ParameterType:
    """What is known of a parameter when a ruleset is checked: kind words and operator, not its value."""

    kind: str
    element: str | None = None
    operator: str | None = None

    @property
    def type(self) -> Kind:
        """Its kind."""
        return Kind.parse(f"{self.kind}<{self.element}>" if self.element else self.kind)


TABLE_LET: Final = "@table."
"""What the names of the values of decision tables begin with."""


def table_let(table: str, part: str = "") -> str:
    """The named value that holds what a decision table says, or ``part`` of it; no author can write it."""
    return f"{TABLE_LET}{table}.{part}" if part else f"{TABLE_LET}{table}"


def _as_written(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Env:
    """What names mean where an expression stands.

    ``vocabularies`` maps a code fact's name to its words (absent: unchecked); ``normalise`` makes the
    working copy of a text literal, as the facts' texts are working copies. ``tables`` are the subjects of the
    decision tables by id; what one says is the named value ``table_let(id)``.
    """

    catalogue: Catalogue
    parameters: Mapping[str, ParameterType]
    subject: str
    lets: Mapping[str, Typed] = field(default_factory=dict)
    stratum: int = 0
    vocabularies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    normalise: Callable[[str], str] = _as_written
    tables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckUnit:
    """One check, ready for code: conditions, named values in order, severities from the highest down.

    ``refs`` are names of facts of the visible subjects whose values a finding shows; ``service`` limits
    the check to ``review`` (no report) or ``assess``; empty is both.
    """

    id: str
    subject: str
    applies_when: Typed | None
    lets: tuple[tuple[str, Typed], ...]
    fails_when: Typed
    severity: tuple[tuple[int, Typed | None], ...]
    refs: tuple[str, ...] = ()
    stratum: int = 0
    service: str = ""


@dataclass(frozen=True, slots=True)
class Formula:
    """A value of the project that the engine asks for after stratum 0: a part of a score sheet.

    It may read outcomes of checks; ``name`` is how messages call it.
    """

    name: str
    typed: Typed
