"""Which version answered for a place at a moment, as the log tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from rules_service.authoring.desk import Desk
from rules_service.compile.regions import RegionTable
from rules_service.model.ruleset import parse_ruleset
from rules_service.registry.snapshot import version_key
from rules_service.registry.states import Activation, RegistryState, Version

__all__ = ["Answering", "UnknownPlaceError", "answering"]

# What says for which places and dates a ruleset answers.
_NEEDED = ("ruleset.yaml", "regions.yaml")


class UnknownPlaceError(LookupError):
    """A region that none of the versions knows that were live."""


class Answering(NamedTuple):
    """A version, the order by which it answered, and the state of the log then."""

    version: Version
    order: Activation
    state: RegistryState


def answering(desk: Desk, region: str, at: datetime, rule_date: int) -> Answering | None:
    """The version that answered at a time for a region and rule date; ``None`` if none did.

    A later time is answered by the log as it is now.  Raises ``UnknownPlaceError``.
    """
    state = desk.state(at)
    found = [
        Answering(ruleset.versions[live.version], live, state)
        for ruleset in state.rulesets.values()
        if (live := ruleset.live(at)) is not None
    ]
    places = [(each, _Places(desk.files(each.version))) for each in _newest_first(found)]
    holding = [(each, place) for each, place in places if place.holds(region)]
    if places and not holding:
        raise UnknownPlaceError(region)
    return next((each for each, place in holding if place.covers(rule_date)), None)


def _newest_first(found: Iterable[Answering]) -> list[Answering]:
    """In the order in which a running service asks its live versions."""
    return sorted(
        found,
        key=lambda each: (version_key(each.version.label), each.version.ruleset, each.version.hash),
        reverse=True,
    )


class _Places:
    """The places and dates that a version answers for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        source, _ = parse_ruleset({path: files[path] for path in _NEEDED})
        assert source is not None, "a version that was published has no faults"
        self._regions = RegionTable(source.regions)
        self._head = source.head

    def holds(self, region: str) -> bool:
        return not region or region in self._regions

    def covers(self, day: int) -> bool:
        start, end = self._head.effective_from, self._head.effective_to
        return (start is None or start <= day) and (end is None or day <= end)
