"""Truth tables of conditions: in which states each of them is certainly true, and certainly false."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from rules_service.language.keys import (
    HAS,
    MISSING,
    NOT_CONSTANT,
    Key,
    Keys,
    Reading,
    inlined,
    presence,
)
from rules_service.language.states import Space, Term, Value, union
from rules_service.language.typed import FactRef, Node, cases
from rules_service.model.catalogue import Catalogue
from rules_service.values.kinds import Base

__all__ = ["COMPARED", "Condition", "Truth", "TruthTables", "against", "joined", "joins"]

COMPARED: Final[Mapping[str, frozenset[int]]] = {
    "eq": frozenset({0}),
    "ne": frozenset({-1, 1}),
    "lt": frozenset({-1}),
    "le": frozenset({-1, 0}),
    "gt": frozenset({1}),
    "ge": frozenset({0, 1}),
}
"""Comparisons by the signs of the difference for which they hold."""
_LOGIC: Final = frozenset({"and", "or", "not", "cond"})
_EXACT: Final = frozenset({"fact", "const", "add", "sub", "mul", "neg", "abs"})
_OUTCOMES: Final = frozenset({"PASS", "FAIL", "EXEMPT", "NOT_APPLICABLE"})


class Truth(NamedTuple):
    """The states in which a condition is true, and those in which it is false; it is open in the others."""

    true: int
    false: int


class Condition(NamedTuple):
    """A condition and what it may read."""

    node: Node
    reading: Reading


class TruthTables:
    """The tables of some conditions over one space of states.

    Conditions whose keys are among ``opaque`` are not looked into; those whose keys are in ``same`` count as
    what stands there. Raises ``TooManyStatesError``.
    """

    def __init__(
        self,
        conditions: Iterable[Condition],
        *,
        opaque: frozenset[Key] = frozenset(),
        same: Mapping[Key, Key] = MappingProxyType({}),
    ) -> None:
        self._opaque = opaque
        self._keys = Keys(same)
        self._catalogue = Catalogue.load()
        self._terms: dict[Key, Term] = {}
        self._split: dict[tuple[int, int], Node] = {}
        self._conditions = tuple(conditions)
        for node, reading in self._conditions:
            self._collect(node, reading)
        self.space = Space(self._terms)
        self._found: dict[tuple[int, int], Truth] = {}
        self._asked: list[Condition] = []  # what the numbers in _found belong to

    # --- what conditions read ------------------------------------------------------------------

    def _opened(self, node: Node, reading: Reading) -> Node:
        """What a node stands for; the comparison of a choice is a choice of comparisons."""
        node = inlined(node, reading)
        if node.op not in COMPARED and node.op != "in":
            return node
        place = (id(node), id(reading))
        if place not in self._split:
            self._split[place] = self._chosen(node, reading)
        return self._split[place]

    @staticmethod
    def _chosen(node: Node, reading: Reading) -> Node:
        for position, arg in enumerate(node.args):
            choice = inlined(arg, reading)
            if choice.op == "cond" and choice.kind.base is not Base.BOOLEAN:

                def side(value: Node, place: int = position) -> Node:
                    args = (*node.args[:place], value, *node.args[place + 1 :])
                    return Node(node.op, node.kind, args, node.data)

                parts = [part for test, value in cases(choice) for part in (test, side(value))]
                return Node("cond", node.kind, (*parts, side(choice.args[-1])))
        return node

    def _collect(self, node: Node, reading: Reading) -> None:
        node = self._opened(node, reading)
        if self._opaque and self._keys.key(node, reading) in self._opaque:
            self._term(node, reading, "truth")
        elif joins(node):
            for arg in node.args:
                self._collect(arg, reading)
        elif node.op in COMPARED:
            self._collect_comparison(node, reading)
        elif node.op == "in" and self._keys.constant(node.args[1], reading) is not NOT_CONSTANT:
            self._collect_membership(node, reading)
        elif presence(node) is not None:
            self._presence_term(node, reading)
        elif self._keys.constant(node, reading) is NOT_CONSTANT:
            self._term(node, reading, "truth")

    def _collect_comparison(self, node: Node, reading: Reading) -> None:
        left, right = (inlined(arg, reading) for arg in node.args)
        one, two = self._keys.constant(left, reading), self._keys.constant(right, reading)
        if one is NOT_CONSTANT and two is NOT_CONSTANT:
            self._order(left, right, reading)
        elif one is NOT_CONSTANT and two is not MISSING:
            self._value_term(left, reading).constants.add(two)
        elif two is NOT_CONSTANT and one is not MISSING:
            self._value_term(right, reading).constants.add(one)

    def _collect_membership(self, node: Node, reading: Reading) -> None:
        wanted, items = inlined(node.args[0], reading), self._keys.constant(node.args[1], reading)
        if items is not MISSING and self._keys.constant(wanted, reading) is NOT_CONSTANT:
            self._value_term(wanted, reading).constants.update(items)

    def _value_term(self, node: Node, reading: Reading) -> Term:
        ordered = node.kind.numeric or node.kind.base is Base.DATE
        return self._term(node, reading, "ordered" if ordered else "plain")

    def _term(self, node: Node, reading: Reading, shape: str) -> Term:
        key = self._keys.key(node, reading)
        term = self._terms.get(key)
        if term is None:
            term = self._terms[key] = self._described(node, reading, shape)
        return term

    def _described(self, node: Node, reading: Reading, shape: str) -> Term:
        facts, exact = self._facts(node, reading)
        term = Term(node, shape, reads=facts, exact=exact)
        term.whole = not node.kind.ratio and node.kind.scale == 0
        if node.op in {"size", "abs"}:
            term.lowest = Fraction(0)
        if node.op == "outcome":
            term.words = _OUTCOMES
        ref = node.data
        if node.op == "fact" and isinstance(ref, FactRef):
            fact = self._catalogue.get(ref.name)
            if fact is not None:
                term.words = fact.words
                term.blank = fact.kind == "text" and not fact.computed
                term.record = None if fact.computed else _record(ref)
        return term

    def _presence_term(self, node: Node, reading: Reading) -> None:
        """What ``has()`` asks, and the value itself are one term."""
        value = presence(node)
        assert value is not None
        fact = self._catalogue.get(_name(value))
        kind = fact.kind if fact is not None else ""
        if kind in {"list", "record", ""} or (kind == "text" and fact is not None and fact.computed):
            self._term(node, reading, "truth")
            return
        key = self._keys.key(value, reading)
        term = self._terms.get(key)
        if term is None:
            shape = "truth" if kind == "boolean" else "plain" if kind in {"code", "text"} else "ordered"
            term = self._terms[key] = self._described(value, reading, shape)
        term.asked = True
        if term.blank:
            term.constants.add("")

    def _order(self, left: Node, right: Node, reading: Reading) -> None:
        first, second = sorted((left, right), key=lambda node: repr(self._keys.key(node, reading)))
        key = ("order", self._keys.key(first, reading), self._keys.key(second, reading))
        if key not in self._terms:
            ordered = left.kind.numeric or left.kind.base is Base.DATE
            facts, exact = self._facts(first, reading)
            more, also = self._facts(second, reading)
            shape = "order" if ordered else "equality"
            self._terms[key] = Term(first, shape, second, reads=facts | more, exact=exact and also)

    def _facts(self, node: Node, reading: Reading) -> tuple[frozenset[Key], bool]:
        """The facts that a value is computed from, outside macros; and whether only they can be missing."""
        node = inlined(node, reading)
        if node.op == "fact":
            return frozenset({self._keys.key(node, reading)}), True
        if node.op in {"all", "exists", "exists_one", "filter", "map", "cond", "hits", "and", "or", "in"}:
            return frozenset(), False
        found: frozenset[Key] = frozenset()
        exact = node.op in _EXACT or node.op in {"contains", "startsWith", "endsWith", "matches"}
        for arg in node.args:
            facts, only = self._facts(arg, reading)
            found, exact = found | facts, exact and only
        return found, exact

    # --- tables --------------------------------------------------------------------------------

    def truth(self, condition: Condition) -> Truth:
        """The table of a condition."""
        self._asked.append(condition)
        return self._truth(condition.node, condition.reading)

    def _truth(self, node: Node, reading: Reading) -> Truth:
        node = self._opened(node, reading)
        place = (id(node), id(reading))
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = self._computed(node, reading)
        return found

    def _computed(self, node: Node, reading: Reading) -> Truth:
        if self._opaque and self._keys.key(node, reading) in self._opaque:
            return self._flag(self._keys.key(node, reading))
        if joins(node):
            return joined(node, [self._truth(arg, reading) for arg in node.args])
        if node.op in COMPARED:
            return self._comparison(node, reading)
        if node.op == "in" and self._keys.constant(node.args[1], reading) is not NOT_CONSTANT:
            return self._membership(node, reading)
        value = presence(node)
        if value is not None and self._keys.key(node, reading) not in self._terms:
            cases = self.space.values(self._keys.key(value, reading))
            return Truth(
                union(states for case, states in cases if case.present is True),
                union(states for case, states in cases if case.present is False),
            )
        constant = self._keys.constant(node, reading)
        if constant is not NOT_CONSTANT:
            return Truth(self._where(constant is True), self._where(constant is False))
        return self._flag(self._keys.key(node, reading))

    def _where(self, holds: bool) -> int:
        return self.space.all if holds else 0

    def _flag(self, key: Key) -> Truth:
        cases = self.space.values(key)
        return Truth(
            union(states for case, states in cases if case.case == "true"),
            union(states for case, states in cases if case.case == "false"),
        )

    def _comparison(self, node: Node, reading: Reading) -> Truth:
        left, right = (inlined(arg, reading) for arg in node.args)
        one, two = self._keys.constant(left, reading), self._keys.constant(right, reading)
        wanted = COMPARED[node.op]
        if MISSING in (one, two):
            return Truth(0, 0)
        if one is NOT_CONSTANT and two is NOT_CONSTANT:
            return self._ordered(left, right, wanted, reading)
        if one is not NOT_CONSTANT and two is not NOT_CONSTANT:
            sign = _sign(one, two)
            return Truth(self._where(sign in wanted), self._where(sign not in wanted))
        if one is not NOT_CONSTANT:
            left, two, wanted = right, one, frozenset(-sign for sign in wanted)
        true = false = 0
        for case, states in self.space.values(self._keys.key(left, reading)):
            lies = against(case, two)
            if lies in wanted:
                true |= states
            elif lies is not None:
                false |= states
        return Truth(true, false)

    def _ordered(self, left: Node, right: Node, wanted: frozenset[int], reading: Reading) -> Truth:
        first, second = sorted((left, right), key=lambda node: repr(self._keys.key(node, reading)))
        if first is not left:
            wanted = frozenset(-sign for sign in wanted)
        key = ("order", self._keys.key(first, reading), self._keys.key(second, reading))
        signs = {"lt": -1, "eq": 0, "gt": 1, "ne": 1}
        true = false = 0
        for case, states in self.space.values(key):
            if case.case == "missing":
                continue
            if signs[case.case] in wanted:
                true |= states
            else:
                false |= states
        return Truth(true, false)

    def _membership(self, node: Node, reading: Reading) -> Truth:
        wanted, items = inlined(node.args[0], reading), self._keys.constant(node.args[1], reading)
        value = self._keys.constant(wanted, reading)
        if MISSING in (value, items):
            return Truth(0, 0)
        if value is not NOT_CONSTANT:
            return Truth(self._where(value in items), self._where(value not in items))
        true = false = 0
        for case, states in self.space.values(self._keys.key(wanted, reading)):
            if case.case == "is" and case.low in items:
                true |= states
            elif case.case != "missing":
                false |= states
        return Truth(true, false)


def joined(node: Node, parts: Sequence[Truth]) -> Truth:
    """The truth of a node that joins others, from theirs; see ``joins``."""
    if node.op == "not":
        return Truth(parts[0].false, parts[0].true)
    if node.op == "cond":
        true, false = parts[-1]
        for place in range(len(parts) - 3, -1, -2):
            test, yes = parts[place], parts[place + 1]
            true = test.true & yes.true | test.false & true
            false = test.true & yes.false | test.false & false
        return Truth(true, false)
    if node.op in {"eq", "ne"}:
        one, two = parts
        same = one.true & two.true | one.false & two.false
        differs = one.true & two.false | one.false & two.true
        return Truth(same, differs) if node.op == "eq" else Truth(differs, same)
    true, false = parts[0]
    for part in parts[1:]:
        if node.op == "and":
            true, false = true & part.true, false | part.false
        else:
            true, false = true | part.true, false & part.false
    return Truth(true, false)


def joins(node: Node) -> bool:
    """Whether a node is a condition made of others: logic, a choice, or a comparison of truths."""
    return node.op in _LOGIC or _compares_truths(node)


def _compares_truths(node: Node) -> bool:
    return node.op in {"eq", "ne"} and node.args[0].kind.base is Base.BOOLEAN


def _name(node: Node) -> str:
    return node.data.name if isinstance(node.data, FactRef) else ""


def _sign(one: Any, two: Any) -> int:
    return 0 if one == two else -1 if one < two else 1


def _record(ref: FactRef) -> Key | None:
    """The key of ``has()`` of the record that a field belongs to."""
    record, dot, _ = ref.slot.rpartition(".")
    return ("fact", (ref.subject, HAS + record, ref.variable)) if dot else None


def against(case: Value, constant: Any) -> int | None:
    """How a value compares with one of the constants of its term."""
    if case.case == "is":
        return _sign(case.low, constant)
    if case.case == "between":
        return -1 if case.high is not None and case.high <= constant else 1
    return 1 if case.case == "other" else None
