"""Looks for requests that show something of a rule: from known requests, by changing what the rule reads.

Everything is tried in a fixed order, so that the same rules and the same known requests give the same cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from rules_service.authoring.atoms import Goal
from rules_service.authoring.axes import Axis, axes_at
from rules_service.authoring.material import PROVIDED, Material
from rules_service.authoring.probing import Probe, Sight
from rules_service.authoring.request_edits import edited, spots, value_at
from rules_service.authoring.request_fields import facts_read, fields_read
from rules_service.facts.source import Request
from rules_service.language.keys import Reading
from rules_service.language.typed import Node

__all__ = ["Found", "Seeker"]

_ROUNDS: Final = 3
_PER_GOAL: Final = 1_000  # questions
_NEAREST: Final = 12  # requests from which a goal is sought in one round
_WIDENING: Final = 4
_FARTHEST: Final = 28  # times wider, from one step
_MOST_ENTRIES: Final = 400  # that are kept for the fields they fill in
_STARTS: Final = 3
_SIDES: Final = ("<", "=", ">")


@dataclass(frozen=True, slots=True)
class Found:
    """A request with what it shows."""

    request: Request
    sights: tuple[Sight, ...]

    @property
    def goals(self) -> frozenset[Goal]:
        """All that it shows."""
        return frozenset().union(*(sight.goals for sight in self.sights))

    @property
    def size(self) -> tuple[int, bytes]:
        """Smaller ones are read more easily."""
        content = self.request.SerializeToString(deterministic=True)
        return len(content), content


class Seeker:
    """Looks for the goals of one rule; ``budget`` limits the questions about branches and conditions."""

    def __init__(self, probe: Probe, material: Material, budget: int) -> None:
        self._probe = probe
        self._material = material
        self._budget = budget
        self._entries: list[Found] = []
        self._states: set[object] = set()
        self._best: dict[Goal, Found] = {}
        self._reading = Reading(dict(probe.check.unit.lets), probe.parameters)
        typed = [probe.check.unit.applies_when, probe.check.unit.fails_when]
        typed += [one for _, one in (*probe.check.unit.lets, *probe.check.unit.severity)]
        self._all_fields = fields_read(chain.from_iterable(one.facts() for one in typed if one is not None))
        self._fields: dict[int, frozenset[str]] = {}
        self._left = 0

    # --- what was seen -------------------------------------------------------------------------

    def offer(self, request: Request) -> Found:
        """Take a request in: it is kept if it shows a state that none has shown, or fills in other fields."""
        sights = self._probe.see(request)
        self._left -= 1
        found = Found(request, sights or ())
        if sights is None:
            return found
        states: set[object] = {sight.state for sight in sights}
        if len(self._entries) < _MOST_ENTRIES:
            states.add(frozenset(self._filled(request)))
        if not states <= self._states:
            self._states |= states
            self._entries.append(found)
        for goal in found.goals:
            self._best.setdefault(goal, found)
        return found

    def _filled(self, request: Request) -> Iterator[str]:
        """Which of the fields that the rule reads hold something: a way to what shows nothing yet."""
        for spot in spots(request, self._all_fields):
            if value_at(request, spot):
                yield spot.field.full_name

    def best(self, goal: Goal) -> Found | None:
        """A request that shows a goal."""
        return self._best.get(goal)

    @property
    def _spent(self) -> bool:
        return self._left <= 0

    # --- branches and atomic conditions --------------------------------------------------------

    def seek(self, goals: Sequence[Goal]) -> None:
        """Look for requests that show branches and atomic conditions."""
        for round_ in range(_ROUNDS):
            for goal in goals:
                if goal not in self._best and self._budget > 0:
                    allowed = self._left = min(_PER_GOAL, self._budget)
                    self._reach(goal, wide=round_ > 0)
                    self._budget -= allowed - self._left

    def _reach(self, goal: Goal, *, wide: bool) -> None:
        own = self._fields_of(goal.node)
        fields = self._all_fields if wide or goal.node is None else own
        for entry in self._nearest(goal):
            for request in self._changed(entry.request, fields):
                self.offer(request)
                if goal in self._best or self._spent:
                    return

    def _nearest(self, goal: Goal) -> list[Found]:
        """Requests in which much is as it must be: best those in which the same condition decides."""

        def distance(entry: Found) -> tuple[int, int, int]:
            same = any(other.node is goal.node and goal.node is not None for other in entry.goals)
            part = any(other.branch.part == goal.branch.part for other in entry.goals)
            filled = len(set(self._filled(entry.request)))
            return (0 if same else 1 if part else 2, -len(entry.goals) - filled, entry.size[0])

        return sorted(self._entries, key=distance)[:_NEAREST]

    def _changed(self, request: Request, fields: frozenset[str]) -> Iterator[Request]:
        """The request with one change each."""
        for spot in spots(request, fields | {PROVIDED.full_name}):
            for value in self._material.candidates(request, spot):
                yield edited(request, spot, value)

    def _fields_of(self, node: Node | None) -> frozenset[str]:
        if node is None:
            return self._all_fields
        if id(node) not in self._fields:
            self._fields[id(node)] = fields_read(facts_read(node, self._reading))
        return self._fields[id(node)]

    # --- boundaries ----------------------------------------------------------------------------

    def boundary(self, goals: Mapping[str, Goal]) -> dict[str, Found]:
        """Neighbours around the boundary of a comparison, by side; as many as can be found.

        ``goals`` are its sides.  Where no request lies on it, those are given between which it lies.
        """
        node = next(iter(goals.values())).node
        self._left = 2 * _PER_GOAL
        best: dict[str, Found] = {}
        for entry in self._starts(goals, node):
            for axis in self._axes(entry.request, node):
                around = self._around(entry, axis, goals)
                if _worth(around, goals) > _worth(best, goals):
                    best = around
                if len(best) == len(goals) or self._spent:
                    return best
        return best

    def _starts(self, goals: Mapping[str, Goal], node: Node | None) -> Iterator[Found]:
        """Where to look for a boundary: known requests, then those with one change of what is compared."""
        known = self._at(goals)
        yield from known
        for entry in known[:_STARTS]:
            for request in self._changed(entry.request, self._fields_of(node)):
                if self._spent:
                    return
                changed = self.offer(request)
                if _sides(changed, goals):
                    yield changed

    def _at(self, goals: Mapping[str, Goal]) -> list[Found]:
        """Requests in which the comparison decides, those on the boundary first."""
        wanted = set(goals.values())
        near = [entry for entry in self._entries if entry.goals & wanted]
        near += [self._best[goal] for goal in wanted if goal in self._best]
        unique = {id(entry): entry for entry in near}.values()
        ranked = sorted(unique, key=lambda entry: ("=" not in _sides(entry, goals), entry.size))
        return ranked[:_NEAREST]

    def _axes(self, request: Request, node: Node | None) -> Iterator[Axis]:
        found = [axis for spot in spots(request, self._fields_of(node)) for axis in axes_at(request, spot)]
        yield from sorted(found, key=lambda axis: axis.rank)

    def beside(self, entry: Found, side: str, goals: Mapping[str, Goal]) -> bool:
        """Whether a request that shows one side is a step away from the boundary, or from the other side."""
        node = goals[side].node
        self._left = _PER_GOAL
        for axis in self._axes(entry.request, node):
            for place in (axis.position - 1, axis.position + 1):
                if self._spent:
                    return False
                if axis.lowest <= place <= axis.highest:
                    sides = _sides(self._moved(entry, axis, place), goals)
                    if sides and (side not in sides or "=" in sides):
                        return True
        return False

    def _moved(self, entry: Found, axis: Axis, place: int) -> Found:
        if place == axis.position:
            return entry
        return self.offer(edited(entry.request, axis.spot, axis.make(place)))

    def _around(self, entry: Found, axis: Axis, goals: Mapping[str, Goal]) -> dict[str, Found]:
        """The neighbours around the boundary along an axis."""
        on = axis.position if "=" in _sides(entry, goals) else None
        other = None
        if on is None:
            pair = self._crossing(entry, axis, goals)
            if pair is None:
                return {}
            other, on = pair
        found: dict[str, Found] = {}
        places = [on, on - 1, on + 1] if other is None else [on, other, 2 * on - other]
        for place in places:
            if axis.lowest <= place <= axis.highest:
                near = self._moved(entry, axis, place)
                for side in sorted(_sides(near, goals), key=lambda side: side != "="):
                    if side in goals:
                        found.setdefault(side, near)
        return found

    def _crossing(self, entry: Found, axis: Axis, goals: Mapping[str, Goal]) -> tuple[int, int] | None:
        """The last place along an axis with the sides of the entry, and the first with others."""
        before = _sides(entry, goals)

        def at(place: int) -> frozenset[str]:
            return _sides(self._moved(entry, axis, place), goals)

        for direction in (1, -1):
            for power in range(_FARTHEST):
                place = axis.position + direction * _WIDENING**power
                place = max(axis.lowest, min(axis.highest, place))
                sides = at(place) if not self._spent else frozenset()
                if sides and sides != before:
                    return _bisected(at, axis.position, place, before)
                if place in {axis.lowest, axis.highest} or self._spent:
                    break
        return None


def _bisected(
    at: Callable[[int], frozenset[str]], low: int, high: int, before: frozenset[str]
) -> tuple[int, int] | None:
    """Neighbours, of which the first is as before and the second is not."""
    while abs(high - low) > 1:
        middle = (low + high) // 2
        if at(middle) == before:
            low = middle
        else:
            high = middle
    return (low, high) if at(high) else None


def _sides(entry: Found, goals: Mapping[str, Goal]) -> frozenset[str]:
    """The sides on which a comparison decides in a request."""
    shown = entry.goals
    return frozenset(side for side in _SIDES if side in goals and goals[side] in shown)


def _worth(found: Mapping[str, Found], goals: Mapping[str, Goal]) -> tuple[bool, int]:
    return ("=" in found or "=" not in goals, len(found))
