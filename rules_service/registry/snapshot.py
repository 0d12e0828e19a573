"""A snapshot: all bundles at one moment, and the choice of the one that answers (semantics.md, Selection)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
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
    "Published",
    "Selected",
    "Shelf",
    "Snapshot",
    "SnapshotSource",
    "version_key",
]

MIN_HASH = 12
_HASH = re.compile(rf"[0-9a-f]{{{MIN_HASH},64}}")
_MOST_FITTING = 4  # versions that are brought for one pin: engineering default
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

    def fits(self, bundle: Bundle | Published) -> bool:
        """Whether a bundle has everything that is demanded."""
        return (
            self.bundle in {"", bundle.id}
            and self.version in {"", bundle.version}
            and bundle.hash.startswith(self.hash)
        )


NO_PIN = Pin()


@dataclass(frozen=True, slots=True)
class Published:
    """A version that may be pinned, in memory or not."""

    id: str
    version: str
    hash: str


class Shelf(Protocol):
    """Who brings published versions into memory that are not there."""

    def fetch(self, digest: str) -> Future[Bundle]:
        """Load and compile a version beside the caller's thread; what it raises says why it cannot be had."""
        ...


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

    ``live`` are the hashes that may answer without a pin; ``None``: all of them. ``published`` are versions
    by hash that can be pinned besides, which ``shelf`` brings.
    """

    def __init__(
        self,
        bundles: Iterable[Bundle] = (),
        live: frozenset[str] | None = None,
        published: Mapping[str, Published] = MappingProxyType({}),
        shelf: Shelf | None = None,
    ) -> None:
        unique = {bundle.hash: bundle for bundle in bundles}
        self.bundles: tuple[Bundle, ...] = tuple(sorted(unique.values(), key=_order, reverse=True))
        self._live = tuple(bundle for bundle in self.bundles if live is None or bundle.hash in live)
        self._published = published
        self.shelf = shelf

    @property
    def is_ready(self) -> bool:
        """Whether some bundle can answer."""
        return bool(self._live)

    @property
    def live(self) -> tuple[Bundle, ...]:
        """The bundles that may answer without a pin, the highest version first."""
        return self._live

    def missing(self, pin: Pin) -> list[str]:
        """The hashes of published versions that a pin fits and that must be brought before ``select``.

        Raises ``PinSyntaxError`` for a pin that fits too many to bring them all.
        """
        if not (pin.version or pin.hash) or (pin.hash and _HASH.fullmatch(pin.hash) is None):
            return []  # a bundle by its name alone is its live version; a bad hash is told by `select`
        fitting = [entry for entry in self._published.values() if pin.fits(entry)]
        if len(fitting) > _MOST_FITTING:
            raise _ambiguous(pin, fitting[:_MOST_FITTING])
        here = {bundle.hash for bundle in self.bundles}
        return [entry.hash for entry in fitting if entry.hash not in here]

    def plus(self, bundles: Iterable[Bundle]) -> Snapshot:
        """This snapshot with bundles that can be pinned besides."""
        live = frozenset(bundle.hash for bundle in self._live)
        return Snapshot((*self.bundles, *bundles), live)

    def same_as(self, other: Snapshot) -> bool:
        """Whether two snapshots hold the same bundles, and the same ones live."""
        return self._published == other._published and all(
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
            # A bundle by its name alone is its highest version, of those that a registry made live.
            holding = [bundle for bundle in fitting if self.shelf is None or bundle in self._live][:1]
            if not holding:
                raise UnknownPinError("PIN-UNKNOWN", "context.pin", pin=pin)
        if len(holding) > 1:
            raise _ambiguous(pin, holding)
        bundle = holding[0]
        if not bundle.holds(region):
            raise PinContradictionError("PIN-REGION", "context.pin", pin=pin, region=region)
        if not bundle.covers(rule_date):
            start, end = (date_text(day) if day is not None else "…" for day in bundle.covered)
            day = date_text(rule_date)
            raise PinContradictionError("PIN-DATE", "context.pin", pin=pin, day=day, start=start, end=end)
        return bundle


def _ambiguous(pin: Pin, fitting: Iterable[Bundle | Published]) -> PinSyntaxError:
    found = "、".join(f"{entry.id} {entry.version} {entry.hash[:MIN_HASH]}" for entry in fitting)
    return PinSyntaxError("PIN-AMBIGUOUS", "context.pin", pin=pin, found=found)


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
