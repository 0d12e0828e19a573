"""What two conditions share: macros that differ as written only, and parts that are the same in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rules_service.language.keys import Key, Keys, Reading, inlined
from rules_service.language.states import State, TooManyStatesError
from rules_service.language.truth import Condition, TruthTables, joins
from rules_service.language.typed import Node
from rules_service.values.kinds import Base

__all__ = ["Inside", "Pair", "common_parts"]

_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})

Pair = tuple[Condition, Condition]


class Inside:
    """What stands in macros: ``same`` are those whose bodies differ as written, but not in what they say.

    ``element`` is a state of an element in which the bodies of some macro differ; ``differing`` are those
    macros, by identity.
    """

    def __init__(self) -> None:
        self.same: dict[Key, Key] = {}
        self.element: tuple[State, ...] = ()
        self.differing: set[int] = set()

    def walk(self, one: Node, two: Node, readings: tuple[Reading, Reading]) -> None:
        """Compare two conditions, from the inside out, as far as they are alike in shape."""
        one, two = inlined(one, readings[0]), inlined(two, readings[1])
        if one.op != two.op or len(one.args) != len(two.args):
            return
        for first, second in zip(one.args, two.args, strict=True):
            self.walk(first, second, readings)
        if one.op not in _MACROS or one.args[1].kind.base is not Base.BOOLEAN:
            return
        keys = Keys(self.same)
        own, other = keys.key(one, readings[0]), keys.key(two, readings[1])
        lists = [keys.key(node.args[0], reading) for node, reading in zip((one, two), readings, strict=True)]
        if own != other:
            self.differing |= {id(one), id(two)}
        if own != other and lists[0] == lists[1]:
            bodies = [Condition(node.args[1], read) for node, read in zip((one, two), readings, strict=True)]
            if self._agree(bodies):
                self.same[other] = own

    def _agree(self, bodies: Sequence[Condition]) -> bool:
        try:
            tables = TruthTables(bodies, same=self.same)
        except TooManyStatesError:
            return False
        truths = [tables.truth(body) for body in bodies]
        differing = (truths[0].true ^ truths[1].true) | (truths[0].false ^ truths[1].false)
        if differing & tables.space.possible:
            self.element = tuple(tables.space.example(differing)[1])
            return False
        return True


def common_parts(pairs: Iterable[Pair], same: Mapping[Key, Key]) -> frozenset[Key]:
    """The parts that both conditions have: whatever they come to, it is the same in both."""
    keys = Keys(same)
    sides: tuple[set[Key], set[Key]] = (set(), set())
    for pair in pairs:
        for side, condition in zip(sides, pair, strict=True):
            side.update(_parts(condition.node, condition.reading, keys))
    return frozenset(sides[0] & sides[1])


def _parts(node: Node, reading: Reading, keys: Keys) -> Iterator[Key]:
    node = inlined(node, reading)
    if joins(node):
        yield keys.key(node, reading)
        for arg in node.args:
            yield from _parts(arg, reading, keys)
