"""The states that conditions can meet: what they read, abstracted to finitely many cases.

A number or date lies on, between or beyond the constants that it is compared with; a code or text is one of
those asked for, or another; two facts stand in an order; and everything may be missing. There are more
states than requests can bring about, so what holds in all of them always holds.

A set of states is a whole number: bit n is set if state n belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, NamedTuple

from rules_service.language.keys import Key
from rules_service.language.typed import Node

__all__ = [
    "MAX_STATES",
    "Space",
    "State",
    "Term",
    "TooManyStatesError",
    "Value",
    "known_values",
    "union",
    "values_of",
]

MAX_STATES: Final = 1 << 20


class TooManyStatesError(Exception):
    """The conditions read more than can be listed."""


class Value(NamedTuple):
    """One case of a value.

    ``case``: ``is`` (it equals ``low``), ``between`` ``low`` and ``high`` (``None``: unbounded), ``other``
    (none of the constants), ``true``, ``false``, ``missing``; of two things ``lt``, ``eq``, ``gt``, ``ne``.
    ``present`` is the answer of ``has()``.
    """

    case: str
    low: Any = None
    high: Any = None
    present: bool | None = True


class State(NamedTuple):
    """What one thing is in a state: its node, the second node of an order, and its case."""

    node: Node
    other: Node | None
    value: Value


@dataclass(slots=True)
class Term:
    """Something that conditions read: a fact, a computed value, an order of two, or a condition as a whole.

    ``shape``: ``ordered``, ``plain`` (codes and texts), ``truth``, ``order`` or ``equality`` of two.
    ``whole`` numbers have no cases between neighbours; ``lowest`` is the least value there is. ``asked``:
    some condition asks ``has()``. ``blank``: an absent value is the empty text, never missing. ``reads``
    are the keys of the facts that it is computed from; it is missing if one of them is, and only then if
    it is ``exact``. ``record`` is the key of ``has()`` of the record that it is a field of.
    """

    node: Node
    shape: str
    other: Node | None = None
    constants: set[Any] = field(default_factory=set)
    words: frozenset[str] = frozenset()
    whole: bool = False
    lowest: Fraction | None = None
    asked: bool = False
    blank: bool = False
    reads: frozenset[Key] = frozenset()
    exact: bool = False
    record: Key | None = None


def values_of(term: Term) -> tuple[Value, ...]:
    """The cases of a term, those in which it is missing last."""
    return (*known_values(term), *_missing(term))


def _missing(term: Term) -> Iterator[Value]:
    if term.asked and not term.blank:
        yield Value("missing", present=True)
        yield Value("missing", present=False)
    yield Value("missing", present=None)


def known_values(term: Term) -> tuple[Value, ...]:
    """The cases of a term in which it is not missing."""
    return tuple(_known(term))


def _known(term: Term) -> Iterator[Value]:
    if term.shape == "truth":
        yield from (Value("true"), Value("false"))
    elif term.shape == "order":
        yield from (Value("lt"), Value("eq"), Value("gt"))
    elif term.shape == "equality":
        yield from (Value("eq"), Value("ne"))
    elif term.shape == "plain":
        for constant in sorted(term.constants):
            yield Value("is", constant, present=not (term.blank and constant == ""))
        if not term.words or term.words - term.constants:
            yield Value("other")
    else:
        yield from _regions(term)


def _regions(term: Term) -> Iterator[Value]:
    points = sorted(term.constants)
    edges: list[Fraction | None] = [None, *points, None]
    for number, (low, high) in enumerate(pairwise(edges)):
        if number:
            assert low is not None
            if term.lowest is None or low >= term.lowest:
                yield Value("is", low)
        if _holds_some(term, low, high):
            yield Value("between", low, high)


def _holds_some(term: Term, low: Fraction | None, high: Fraction | None) -> bool:
    """Whether there are values strictly between two constants."""
    if high is None:
        return True
    if term.lowest is not None and high <= term.lowest:
        return False
    if low is None:
        return True
    return not term.whole or _between(low, high)


def _between(low: Fraction, high: Fraction) -> bool:
    return low.__floor__() + 1 < high


class Space:
    """All states of some terms; raises ``TooManyStatesError``."""

    def __init__(self, terms: Mapping[Key, Term]) -> None:
        self._terms = dict(terms)
        self._values = {key: values_of(term) for key, term in terms.items()}
        self._stride: dict[Key, int] = {}
        size = 1
        for key, values in self._values.items():
            self._stride[key] = size
            size *= len(values)
            if size > MAX_STATES:
                raise TooManyStatesError(size)
        self.size = size
        self.all = (1 << size) - 1
        self._sets: dict[tuple[Key, int], int] = {}
        self.possible = self._possible()

    def values(self, key: Key) -> Sequence[tuple[Value, int]]:
        """The cases of a term, each with the set of states in which it holds."""
        return [(value, self._set(key, number)) for number, value in enumerate(self._values[key])]

    def example(self, states: int) -> tuple[int, list[State]]:
        """One of some states, with as little missing as can be, and what matters of it.

        What may be anything else without leaving the set is left out.
        """
        among = states & self.possible
        for key in self._terms:
            among = among & ~self.missing(key) or among
        number = (among & -among).bit_length() - 1
        held = {key: self._holding(key, number) for key in self._terms}
        for key in list(held):
            others = self.possible
            for other, (_, holding) in held.items():
                if other != key:
                    others &= holding
            if not others & ~states:
                del held[key]
        return number, [
            State(self._terms[key].node, self._terms[key].other, value) for key, (value, _) in held.items()
        ]

    def _holding(self, key: Key, number: int) -> tuple[Value, int]:
        """The case that a term has in a state, with all states in which it has it."""
        return next((value, states) for value, states in self.values(key) if states >> number & 1)

    def _set(self, key: Key, number: int) -> int:
        found = self._sets.get((key, number))
        if found is None:
            stride, period = self._stride[key], self._stride[key] * len(self._values[key])
            found = ((1 << stride) - 1) << (stride * number)
            while period < self.size:
                found |= found << period
                period *= 2
            found = self._sets[key, number] = found & self.all
        return found

    def missing(self, key: Key) -> int:
        """The states in which a term is missing."""
        return union(states for value, states in self.values(key) if value.case == "missing")

    def _possible(self) -> int:
        """The states that agree in themselves."""
        possible = self.all
        for key, term in self._terms.items():
            possible &= ~(self._unlike_parts(key, term) | self._unlike_record(key, term))
        return possible

    def _unlike_parts(self, key: Key, term: Term) -> int:
        """What is computed from something missing is missing."""
        known = [read for read in term.reads if read in self._terms and read != key]
        if not known:
            return 0
        lacking, own = union(self.missing(read) for read in known), self.missing(key)
        contradicting = lacking & ~own
        if term.exact and len(known) == len(term.reads):
            contradicting |= own & ~lacking
        return contradicting

    def _unlike_record(self, key: Key, term: Term) -> int:
        """A field of an absent record is absent, and of one that was not sent it is not sent either.

        A host that does not hold a field leaves it unsent in either case.
        """
        if term.record is None or term.record not in self._terms:
            return 0
        record = {value.case: states for value, states in self.values(term.record)}
        absent = union(states for value, states in self.values(key) if _is_absent(term, value))
        not_sent = union(
            states for value, states in self.values(key) if value.case == "missing" and value.present is None
        )
        return record["false"] & ~(absent | not_sent) | record["missing"] & ~not_sent


def _is_absent(term: Term, value: Value) -> bool:
    """Whether a case may be that of a field that nobody filled in."""
    if not term.blank:
        return value.case == "missing" and value.present is not True
    return value.case == "other" if "" not in term.constants else value.low == ""


def union(sets: Iterable[int]) -> int:
    """The states that belong to any of some sets."""
    found = 0
    for states in sets:
        found |= states
    return found
