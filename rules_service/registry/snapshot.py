"""A snapshot: all bundles at one moment, and the choice of the one that answers (semantics.md, Selection)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from rules_service.compile.bundle import Bundle
from rules_service.compile.view import View
from rules_service.registry.errors import (
    NotReadyError,
    PinContradictionError,
    PinSyntaxError,
    UnknownPinError,
    UnknownRegionError,
)
from rules_service.values.dates import date_text

__all__ = [
    "MIN_HASH",
    "NO_PIN",
    "Fixed",
    "Pin",
    "Selected",
    "Snapshot",
    "SnapshotSource",
    "version_key",
]

MIN_HASH = 12
_HASH = re.compile(rf"[0-9a-f]{{{MIN_HASH},64}}")
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Pin:
    """What a request demands of its bundle; empty texts demand nothing."""

    bundle: str = ""
    version: str = ""
    hash: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.bundle, self.version, self.hash) if part)

    def __bool__(self) -> bool:
        return bool(self.bundle or self.version or self.hash)

    def fits(self, bundle: Bundle) -> bool:
        """Whether a bundle has everything that is demanded."""
        return (
            self.bundle in {"", bundle.id}
            and self.version in {"", bundle.version}
            and bundle.hash.startswith(self.hash)
        )


NO_PIN = Pin()


@dataclass(frozen=True, slots=True)
class Selected:
    """The bundle and view that answer a request."""

    bundle: Bundle
    view: View


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Versions in the order that people mean: 2026.2 before 2026.10."""
    parts = _NUMBER.split(version)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts if part)


def _order(bundle: Bundle) -> tuple[object, ...]:
    return (version_key(bundle.version), bundle.id, bundle.hash)


class Snapshot:
    """An immutable set of bundles; a request holds one snapshot from its first line to its last.

    ``live`` are the hashes that may answer without a pin; ``None``: all of them.
    """

    def __init__(self, bundles: Iterable[Bundle] = (), live: frozenset[str] | None = None) -> None:
        unique = {bundle.hash: bundle for bundle in bundles}
        self.bundles: tuple[Bundle, ...] = tuple(sorted(unique.values(), key=_order, reverse=True))
        self._live = tuple(bundle for bundle in self.bundles if live is None or bundle.hash in live)

    @property
    def is_ready(self) -> bool:
        """Whether some bundle can answer."""
        return bool(self._live)

    @property
    def live(self) -> tuple[Bundle, ...]:
        """The bundles that may answer without a pin, the highest version first."""
        return self._live

    def same_as(self, other: Snapshot) -> bool:
        """Whether two snapshots hold the same bundles, and the same ones live."""
        return all(
            [item.hash for item in mine] == [item.hash for item in theirs]
            for mine, theirs in ((self.bundles, other.bundles), (self.live, other.live))
        )

    def select(self, pin: Pin, region: str, rule_date: int) -> Selected:
        """The bundle and view for a region (code, alias or name; empty is the root) on a rule date.

        Raises ``NotReadyError``, ``UnknownPinError``, ``UnknownRegionError``, ``PinContradictionError``,
        ``PinSyntaxError``.
        """
        bundle = self.choose(pin, region, rule_date)
        return Selected(bundle, bundle.view(region, rule_date))

    def choose(self, pin: Pin, region: str, rule_date: int) -> Bundle:
        """The bundle alone; a batch chooses once and stays with it. Raises as ``select``."""
        return self._pinned(pin, region, rule_date) if pin else self._current(region, rule_date)

    def _current(self, region: str, rule_date: int) -> Bundle:
        if not self._live:
            raise NotReadyError("NOT-READY", "")
        holding = [bundle for bundle in self._live if bundle.holds(region)]
        if not holding:
            raise UnknownRegionError("REGION-UNKNOWN", "project.region_code", region=region)
        for bundle in holding:
            if bundle.covers(rule_date):
                return bundle
        day = date_text(rule_date)
        raise UnknownRegionError("REGION-DATE", "context.rule_date", region=region, day=day)

    def _pinned(self, pin: Pin, region: str, rule_date: int) -> Bundle:
        if pin.hash and _HASH.fullmatch(pin.hash) is None:
            raise PinSyntaxError("PIN-HASH", "context.pin.hash", hash=pin.hash[:64], length=MIN_HASH)
        fitting = [bundle for bundle in self.bundles if pin.fits(bundle)]
        if not fitting:
            raise UnknownPinError("PIN-UNKNOWN", "context.pin", pin=pin)
        if pin.version or pin.hash:
            holding = [bundle for bundle in fitting if bundle.holds(region)] or fitting
        else:
            holding = fitting[:1]  # a bundle by its name alone is its highest version
        if len(holding) > 1:
            found = "、".join(f"{bundle.id} {bundle.version} {bundle.hash[:MIN_HASH]}" for bundle in holding)
            raise PinSyntaxError("PIN-AMBIGUOUS", "context.pin", pin=pin, found=found)
        bundle = holding[0]
        if not bundle.holds(region):
            raise PinContradictionError("PIN-REGION", "context.pin", pin=pin, region=region)
        if not bundle.covers(rule_date):
            start, end = (date_text(day) if day is not None else "…" for day in bundle.covered)
            day = date_text(rule_date)
            raise PinContradictionError("PIN-DATE", "context.pin", pin=pin, day=day, start=start, end=end)
        return bundle


class SnapshotSource(Protocol):
    """Who knows the snapshot that holds now."""

    def current(self) -> Snapshot:
        """The snapshot that new requests hold on to."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A source that always gives the same snapshot."""

    snapshot: Snapshot

    def current(self) -> Snapshot:
        """That snapshot."""
        return self.snapshot
