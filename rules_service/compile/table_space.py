"""Boxes over the inputs of a decision table: what no row covers, what rows share, what earlier rows hide.

Each input is an axis of finitely many atoms (``language/states.py``): the constants that cells name, what
lies between and beyond them, words, truths. A row is a box: for each axis the set of its atoms, as a whole
number whose bit n stands for atom n.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

__all__ = ["Box", "TooComplexError", "common", "gaps", "is_within", "uncovered"]

Box: TypeAlias = tuple[int, ...]
_MAX_STEPS: Final = 200_000


class TooComplexError(Exception):
    """The rows cut the inputs into more pieces than are looked through."""


def common(one: Box, two: Box) -> Box | None:
    """What two boxes share, if anything."""
    shared = tuple(left & right for left, right in zip(one, two, strict=True))
    return shared if all(shared) else None


def is_within(inner: Box, outer: Box) -> bool:
    """Whether a box lies in another."""
    return not any(left & ~right for left, right in zip(inner, outer, strict=True))


def uncovered(rows: Sequence[Box], within: Box) -> Box | None:
    """A point of a box that no row covers, as a box of one atom an axis; raises ``TooComplexError``."""
    return _Search(rows, within).found() if all(within) else None


def gaps(rows: Sequence[Box], within: Box, ordered: Sequence[bool], limit: int) -> Iterator[Box]:
    """Boxes that no row covers, apart from each other, each as large as can be.

    On an ``ordered`` axis a gap has no holes. At most ``limit`` are told. Raises ``TooComplexError``.
    """
    covered = list(rows)
    for _ in range(limit):
        point = uncovered(covered, within)
        if point is None:
            return
        gap = _widened(point, covered, within, ordered)
        yield gap
        covered.append(gap)


class _Search:
    """Looks for an uncovered point axis by axis, with the set of rows that may still cover it."""

    def __init__(self, rows: Sequence[Box], within: Box) -> None:
        self._rows = [row for row in rows if common(row, within) is not None]
        self._within = within
        self._closed: set[tuple[int, int]] = set()
        self._steps = 0
        numbered = list(enumerate(self._rows))
        self._whole = [
            _numbers(number for number, row in numbered if is_within(within[axis:], row[axis:]))
            for axis in range(len(within) + 1)
        ]
        """By axis the rows that cover everything from it on."""
        self._covering = [
            {
                atom: _numbers(number for number, row in numbered if row[axis] >> atom & 1)
                for atom in range(part.bit_length())
                if part >> atom & 1
            }
            for axis, part in enumerate(within)
        ]
        """By axis and atom the rows that cover it."""

    def found(self) -> Box | None:
        return self._from(0, (1 << len(self._rows)) - 1)

    def _from(self, axis: int, active: int) -> Box | None:
        """The rest of a point from an axis on that none of the active rows covers."""
        if not active:
            return tuple(part & -part for part in self._within[axis:])
        if active & self._whole[axis] or (axis, active) in self._closed:
            return None
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise TooComplexError
        for atom, left in self._atoms(axis, active).items():
            rest = self._from(axis + 1, left)
            if rest is not None:
                return (1 << atom, *rest)
        self._closed.add((axis, active))
        return None

    def _atoms(self, axis: int, active: int) -> dict[int, int]:
        """One atom for each set of rows that an axis leaves, with that set, the smallest sets first."""
        by_rows: dict[int, int] = {}
        for atom, rows in self._covering[axis].items():
            by_rows.setdefault(active & rows, atom)
        return {by_rows[left]: left for left in sorted(by_rows, key=int.bit_count)}


def _numbers(numbers: Iterable[int]) -> int:
    """A set of rows as a whole number."""
    return sum(1 << number for number in numbers)


def _widened(point: Box, rows: Sequence[Box], within: Box, ordered: Sequence[bool]) -> Box:
    """The point's box, grown axis by axis as far as no row is touched."""
    box = list(point)
    for axis, is_ordered in enumerate(ordered):
        others = [
            row[axis]
            for row in rows
            if all(row[place] & part for place, part in enumerate(box) if place != axis)
        ]
        taken = 0
        for part in others:
            taken |= part
        free = within[axis] & ~taken
        box[axis] = _run(free, box[axis]) if is_ordered else free
    return tuple(box)


def _run(free: int, atom: int) -> int:
    """The atoms without a hole around one."""
    run = atom
    while run << 1 & free & ~run:
        run |= run << 1 & free
    while run >> 1 & free & ~run:
        run |= run >> 1 & free
    return run
