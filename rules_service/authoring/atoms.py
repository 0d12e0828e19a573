"""What the generated cases of a check are to show: its branches, its atomic conditions, and its boundaries.

An atomic condition stands anywhere in a condition, also inside a list. It decides where the condition would
be another if it were always true, or never. Of a comparison each order of its two sides (less, equal,
greater) decides where the condition would be another if the comparison took that order the other way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import Any, Final

from rules_service.authoring.branches import Branch, Branches
from rules_service.compile.behaviour import conditions_of
from rules_service.compile.resolve import program_unit
from rules_service.compile.view import ViewCheck
from rules_service.language.keys import MISSING, NOT_CONSTANT, Keys, Reading, inlined
from rules_service.language.program import INDETERMINATE, Trace
from rules_service.language.states import TooManyStatesError
from rules_service.language.truth import Condition, TruthTables, joins
from rules_service.language.typed import FactRef, Node
from rules_service.values.kinds import Base, Kind

__all__ = ["SIDES", "Atoms", "Goal", "Sort", "settled"]

SIDES: Final[Mapping[str, int]] = {"<": -1, "=": 0, ">": 1}
_SIGNS: Final[Mapping[str, frozenset[int]]] = {
    "lt": frozenset({-1}),
    "eq": frozenset({0}),
    "gt": frozenset({1}),
    "le": frozenset({-1, 0}),
    "ge": frozenset({0, 1}),
    "ne": frozenset({-1, 1}),
}
_OPERATORS: Final = {signs: op for op, signs in _SIGNS.items()}
_QUANTIFIERS: Final = frozenset({"all", "exists", "exists_one"})
_MACROS: Final = _QUANTIFIERS | {"filter", "map"}
_MOST_VARIANTS: Final = 600
_APART: Final = 1000  # between the variables of one written condition and the next


class Sort(StrEnum):
    """What a goal is about."""

    BRANCH = "branch"
    """A severity, reason, text or action, or one side of a part of a condition."""
    ATOM = "atom"
    """One side of an atomic condition inside a list."""
    BOUNDARY = "boundary"
    """An order of the two sides of a comparison."""


@dataclass(frozen=True, slots=True, order=True)
class Goal:
    """Something that a case is to show. ``branch`` names it; ``node`` is the condition that it is about.

    ``side`` of a boundary is ``<``, ``=`` or ``>``, of others empty; ``value`` is what the node must be.
    """

    branch: Branch
    sort: Sort
    side: str = ""
    value: bool = True
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A part of a condition with one atomic condition changed; the goal holds where the two differ."""

    part: Node
    goal: Goal
    changed: Node


class Atoms:
    """The goals of one check with some values of parameters.

    ``hidden`` are the conditions that a recorder must record for them.
    """

    def __init__(self, check: ViewCheck, parameters: Mapping[str, Any]) -> None:
        self.check = check
        self._branches = Branches(check)
        self._lets = dict(program_unit(check).lets)
        self._reading = Reading(self._lets, parameters)
        self._numbers = count(_APART, _APART)
        self._variants = list(self._all_variants())[:_MOST_VARIANTS]
        self.hidden: tuple[Node, ...] = (
            *self._branches.parts,
            *(variant.changed for variant in self._variants),
        )
        self._nodes = {
            self._branches.named(node, value): (node, value)
            for node in self._branches.parts
            for value in (True, False)
        }

    # --- what there is -------------------------------------------------------------------------

    def goals(self) -> list[Goal]:
        """All that can be shown, as far as that can be told."""
        found = [self._goal(branch) for branch in self._branches.possible(self._reading.parameters)]
        if not found:  # too much to list
            found = [self._goal(branch) for branch in self._nodes]
        found = [goal for goal in found if goal.node is None or self._matters(goal.branch)]
        impossible = self._impossible()
        found += [
            variant.goal
            for variant in self._variants
            if self._matters(variant.goal.branch) and variant.goal not in impossible
        ]
        return sorted(set(found))

    def _goal(self, branch: Branch) -> Goal:
        node, value = self._nodes.get(branch, (None, True))
        return Goal(branch, Sort.BRANCH, value=value, node=node)

    def _matters(self, branch: Branch) -> bool:
        """Whether anybody sees a difference: the ceilings may have made a level that of the next step."""
        step = self._step(branch.part)
        if step is None:
            return True
        steps = [self.check.severities[number].level for number, _ in program_unit(self.check).severity]
        place = [number for number, _ in program_unit(self.check).severity].index(step)
        return place + 1 < len(steps) and steps[place] != steps[place + 1]

    def _step(self, part: str) -> int | None:
        """The number of the severity step whose condition a part belongs to."""
        name = part.removeprefix("severity.")
        if name == part:
            return None
        steps = program_unit(self.check).severity
        return next(number for number, _ in steps if self.check.severities[number].declared.name == name)

    def _impossible(self) -> set[Goal]:
        """The orders that no state has in which the part decides: of comparisons that are a whole part."""
        reading = self._reading
        found = {
            variant.goal
            for variant in self._variants
            if variant.goal.side == "<" and _never_less(variant.goal.node, reading)
        }
        whole = [variant for variant in self._variants if variant.goal.node is variant.part]
        orders = {
            variant.goal: Node(
                _OPERATORS[frozenset({SIDES[variant.goal.side]})], variant.part.kind, variant.part.args
            )
            for variant in whole
            if variant.goal.side
        }
        try:
            read = [*conditions_of(self.check, reading.parameters)]
            read += [Condition(node, reading) for node in (*orders.values(), *self._branches.parts)]
            tables = TruthTables(read)
        except TooManyStatesError:
            return found
        truths = {id(node): tables.truth(Condition(node, reading)) for node in self._branches.parts}
        deciding = self._branches.deciding(truths, tables.space.all)
        for goal, node in orders.items():
            part = next(variant.part for variant in whole if variant.goal is goal)
            states = tables.truth(Condition(node, reading)).true & tables.space.possible
            if not states & deciding.get(id(part), 0):
                found.add(goal)
        return found

    # --- variants ------------------------------------------------------------------------------

    def _all_variants(self) -> Iterator[_Variant]:
        for part in self._branches.parts:
            whole = self._expanded(part)
            named = self._branches.named(part, True)
            number = named.case.partition(" ")[0]
            for place, (node, inside) in enumerate(self._atoms(whole), start=1):
                # an atomic condition that is the part itself is told by the truth of the part
                own = not inside
                about = part if own else node
                case = number if own else f"{number}.{place}"
                if inside:
                    for value in (True, False):
                        yield _Variant(
                            part,
                            Goal(
                                Branch(self.check.id, named.part, f"{case} {str(value).lower()}"),
                                Sort.ATOM,
                                value=value,
                                node=about,
                            ),
                            _replaced(whole, node, _truth(not value)),
                        )
                if _compares_numbers(node):
                    for side, sign in SIDES.items():
                        signs = _SIGNS[node.op] ^ {sign}
                        yield _Variant(
                            part,
                            Goal(
                                Branch(self.check.id, named.part, f"{case} {side}"),
                                Sort.BOUNDARY,
                                side,
                                sign in _SIGNS[node.op],
                                about,
                            ),
                            _replaced(whole, node, _compared(node, signs)),
                        )

    def _expanded(self, node: Node) -> Node:
        """A copy of its own, in which named values stand for themselves with variables of their own."""
        if node.op == "let":
            return _renumbered(self._expanded(self._lets[str(node.data)].node), next(self._numbers))
        return replace(node, args=tuple(self._expanded(arg) for arg in node.args))

    # --- atomic conditions ---------------------------------------------------------------------

    def _atoms(self, node: Node, *, inside: bool = False) -> Iterator[tuple[Node, bool]]:
        """The atomic conditions of a condition, and whether they stand inside a list.

        What the values of parameters settle is none.
        """
        if joins(node):
            chosen = self._chosen(node)
            for arg in node.args if chosen is None else (chosen,):
                yield from self._atoms(arg, inside=inside)
            return
        if node.op in _QUANTIFIERS:
            yield from self._in_values(node.args[0])
            yield from self._atoms(node.args[1], inside=True)
            return
        if settled(node, self._reading) is NOT_CONSTANT:
            yield node, inside
        for arg in node.args:
            yield from self._in_values(arg)

    def _in_values(self, node: Node) -> Iterator[tuple[Node, bool]]:
        """The atomic conditions by which a value is computed: of lists that are filtered, and of choices."""
        if node.op == "cond":
            chosen = self._chosen(node)
            if chosen is not None:
                yield from self._in_values(chosen)
                return
            yield from self._atoms(node.args[0], inside=True)
            for arg in node.args[1:]:
                yield from self._in_values(arg)
        elif node.op in _MACROS and node.args[1].kind.base is Base.BOOLEAN:
            yield from self._in_values(node.args[0])
            yield from self._atoms(node.args[1], inside=True)
        else:
            for arg in node.args:
                yield from self._in_values(arg)

    def _chosen(self, node: Node) -> Node | None:
        """The side that a choice always takes with these parameters."""
        if node.op != "cond":
            return None
        test = settled(node.args[0], self._reading)
        return None if not isinstance(test, bool) else node.args[1] if test else node.args[2]

    # --- what a trace shows --------------------------------------------------------------------

    def shown(self, trace: Trace) -> frozenset[Goal]:
        """The goals that a check shows on one subject; what stays undecided shows none."""
        if trace.outcome == INDETERMINATE:
            return frozenset()
        values = trace.let_values[len(trace.let_values) - len(self.hidden) :]
        parts = self._branches.parts
        own, others = values[: len(parts)], values[len(parts) :]
        found = {self._goal(branch) for branch in self._branches.taken_parts(trace, own)}
        deciding = {goal.branch for goal in found if goal.node is not None}
        truth = {id(node): value for node, value in zip(parts, own, strict=True)}
        for variant, value in zip(self._variants, others, strict=True):
            before = truth[id(variant.part)]
            if before is None or value is None or value == before:
                continue
            if self._branches.named(variant.part, before) in deciding:
                found.add(variant.goal)
        return frozenset(goal for goal in found if self._visible(goal.branch, trace))

    def _visible(self, branch: Branch, trace: Trace) -> bool:
        """Whether the outcome can tell: levels and reasons are those of what fails."""
        if branch.part in {"applies_when", "fails_when"}:
            return True
        if not (trace.applies and trace.fails):
            return False
        step = self._step(branch.part) if branch.part.startswith("severity.") else None
        return step is None or (trace.severity is not None and trace.severity >= step)


def settled(node: Node, reading: Reading) -> Any:
    """The value that a node always has with these parameters; ``NOT_CONSTANT`` if a request decides."""
    node = inlined(node, reading)
    if node.op == "cond":
        test = settled(node.args[0], reading)
        if not isinstance(test, bool):
            return NOT_CONSTANT if test is NOT_CONSTANT else MISSING
        return settled(node.args[1] if test else node.args[2], reading)
    if node.op in _SIGNS or node.op == "in":
        one, two = (settled(arg, reading) for arg in node.args)
        if NOT_CONSTANT in (one, two):
            return NOT_CONSTANT
        if MISSING in (one, two):
            return MISSING
        return one in two if node.op == "in" else _sign(one, two) in _SIGNS[node.op]
    return Keys({}).constant(node, reading)


def _sign(one: Any, two: Any) -> int:
    return 0 if one == two else -1 if one < two else 1


def _truth(value: bool) -> Node:
    return Node("const", Kind(Base.BOOLEAN), data=value)


def _compares_numbers(node: Node) -> bool:
    return node.op in _SIGNS and (node.args[0].kind.numeric or node.args[0].kind.base is Base.DATE)


def _compared(node: Node, signs: frozenset[int]) -> Node:
    """The same comparison with another operator."""
    if not signs or len(signs) == len(SIDES):
        return _truth(bool(signs))
    return Node(_OPERATORS[signs], node.kind, node.args, node.data)


def _replaced(root: Node, old: Node, new: Node) -> Node:
    """A condition with another node in the place of one of its own."""
    if root is old:
        return new
    args = tuple(_replaced(arg, old, new) for arg in root.args)
    return (
        root
        if all(one is two for one, two in zip(args, root.args, strict=True))
        else replace(root, args=args)
    )


def _renumbered(node: Node, by: int) -> Node:
    """A copy whose variables have other numbers."""
    data = node.data
    if isinstance(data, FactRef) and data.variable >= 0:
        data = replace(data, variable=data.variable + by)
    elif node.op in _MACROS or node.op == "variable":
        data = int(str(data)) + by
    return replace(node, data=data, args=tuple(_renumbered(arg, by) for arg in node.args))


def _never_less(node: Node | None, reading: Reading) -> bool:
    """Whether a comparison asks for less than nothing: of a size or an absolute value."""
    if node is None:
        return False
    left, right = (inlined(arg, reading) for arg in node.args)
    return left.op in {"size", "abs"} and Keys({}).constant(right, reading) == 0
