"""Which facts a compiled program reads, and where each stands in the fact tuples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["HAS", "Layout"]

HAS: Final = "has:"


class Layout:
    """For each subject the ordered slots of its fact tuple.

    A slot is the short name of a fact (``weight``) or ``has:`` and the short name, for the question
    whether it is there.  Hashable and comparable by content; subjects without slots don't count.
    """

    __slots__ = ("_hash", "_positions", "slots")

    def __init__(self, slots: Mapping[str, tuple[str, ...]]) -> None:
        self.slots: dict[str, tuple[str, ...]] = {
            subject: tuple(names) for subject, names in sorted(slots.items()) if names
        }
        self._positions = {
            subject: {slot: position for position, slot in enumerate(names)}
            for subject, names in self.slots.items()
        }
        for subject, names in self.slots.items():
            if len(self._positions[subject]) != len(names):
                raise ValueError(f"layout: a slot of {subject} stands twice")
        self._hash = hash(tuple(self.slots.items()))

    def of(self, subject: str) -> tuple[str, ...]:
        """The slots of one subject; empty if the program reads nothing of it."""
        return self.slots.get(subject, ())

    def index(self, subject: str, slot: str) -> int:
        """The position of ``slot`` in the tuple of ``subject``; ``KeyError`` if it is not there."""
        return self._positions[subject][slot]

    def has(self, subject: str, slot: str) -> bool:
        """Whether the program reads this slot."""
        return slot in self._positions.get(subject, {})

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Layout) and self.slots == other.slots

    def __repr__(self) -> str:
        return f"Layout({self.slots!r})"
