"""Which indicator of the goal tables each row of a monitoring report speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rules_service.facts.memo import Lookup

__all__ = ["Place", "find_indicators", "unreported_indicators"]

Place = tuple[int, int]


def find_indicators(goals: Sequence[Any], goal_id: str, copies: Lookup[str, str]) -> dict[str, Place | None]:
    """Goal and indicator by the indicator's identifier; ``None`` where several tables have it.

    A report that names one of the tables speaks of that table alone.
    """
    wanted = copies[goal_id]
    named = [number for number, goal in enumerate(goals) if wanted and copies[goal.goal_id] == wanted]
    found: dict[str, Place | None] = {}
    for number in named or range(len(goals)):
        for position, indicator in enumerate(goals[number].indicators):
            identifier = copies[indicator.indicator_id]
            if identifier:
                found[identifier] = None if identifier in found else (number, position)
    return found


def unreported_indicators(
    goals: Sequence[Any], known: dict[str, Place | None], reported: set[str], copies: Lookup[str, str]
) -> list[Place]:
    """The indicators of which a report says nothing, in the tables of which it says something."""
    tables = {place[0] for identifier in reported if (place := known.get(identifier)) is not None}
    return [
        (number, position)
        for number in sorted(tables)
        for position, indicator in enumerate(goals[number].indicators)
        if copies[indicator.indicator_id] not in reported
    ]
