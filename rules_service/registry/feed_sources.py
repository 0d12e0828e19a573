"""Where a feed takes contents from, the registry or else this machine's disk, and what it notes there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from rules_service.registry.event import Event, Head
from rules_service.registry.faults import RegistryError, StoreError, fault
from rules_service.registry.feed_reports import FeedSettings, Troubles
from rules_service.registry.last_good import LastGood
from rules_service.registry.log import LogState
from rules_service.registry.store import Replica, Store

__all__ = ["Plan", "Sources"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from the log up to ``head`` at a moment.

    ``wanted`` must be in memory, the most urgent first; ``live`` is what answers since when by ruleset;
    ``good`` is the number of the last entry before the first that orders what cannot answer.
    """

    head: Head
    wanted: tuple[str, ...] = ()
    ruleset_of: Mapping[str, str] = field(default_factory=dict)
    live: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    good: int = 0


class Sources:
    """The registry, opened when it can be, and the last good state."""

    def __init__(self, settings: FeedSettings, troubles: Troubles, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._troubles = troubles
        self._clock = clock
        self._store: Store | None = None
        self._opening = Lock()
        self.heard: datetime | None = None
        self._noted: object = None
        self._noted_at: datetime | None = None
        self._saved: object = None
        self._saved_at: datetime | None = None
        self._last_good = self._open_last_good()

    def store(self) -> Store:
        """The registry.  Raises ``StoreError``."""
        with self._opening:
            if self._store is None:
                self._store = Store(self._settings.address)
            return self._store

    def start(self) -> tuple[LogState, Mapping[str, tuple[str, datetime]]]:
        """The log that was saved, and what was live then, since when, by ruleset."""
        if self._last_good is None:
            return LogState(), {}
        note = self._last_good.heard()
        if note is None:
            return self._last_good.log, {}
        self.heard = note.seen_at
        return self._last_good.log, note.live

    def content(self, digest: str) -> bytes:
        """The archive of a content, verified, from wherever it can be had.  Raises ``StoreError``."""
        try:
            return self.store().content(digest)
        except StoreError:
            if self._last_good is not None:
                with contextlib.suppress(StoreError):
                    return self._last_good.content(digest)
            raise

    def save(self, plan: Plan, events: Sequence[Event], contents: Mapping[str, Callable[[], bytes]]) -> bool:
        """Save contents, then the entries that can be followed with them, if there is news; whether so."""
        if self._last_good is None:
            return True
        state = (plan.good, frozenset(contents), plan.live)
        if state == self._saved and not self._is_time(self._saved_at):
            return False
        try:
            self._last_good.follow(events, contents)
            self._last_good.note(self.heard or self._clock(), plan.good, plan.live)
        except RegistryError as error:
            self._troubles.tell("state", error.diagnostic)
            return False
        self._saved, self._saved_at = state, self._clock()
        self._troubles.over("state")
        return True

    def beat(self, plan: Plan, ready: Sequence[str]) -> None:
        """Tell the registry what this process serves: at a change, and every few seconds.

        Raises ``StoreError``.
        """
        state = (plan.head, plan.live)
        if state == self._noted and not self._is_time(self._noted_at):
            return
        at = self._clock()
        replica = Replica(self._settings.name, at, plan.head.seq, dict(plan.live), tuple(ready))
        self.store().beat(replica)
        self._noted, self._noted_at = state, at

    def close(self) -> None:
        """Say good-bye and close both."""
        if self._store is not None:
            with contextlib.suppress(RegistryError):  # it will be missed by its last time
                self._store.forget_replica(self._settings.name)
            self._store.close()
        if self._last_good is not None:
            self._last_good.close()

    def _is_time(self, last: datetime | None) -> bool:
        return last is None or self._clock() - last >= timedelta(seconds=self._settings.beat_s)

    def _open_last_good(self) -> LastGood | None:
        folder = self._settings.state
        if folder is None:
            return None
        try:
            return LastGood(folder, self._settings.trusted, lambda _, error: self._tell_state(error))
        except (RegistryError, OSError) as error:
            self._tell_state(error)
            return None

    def _tell_state(self, error: RegistryError | OSError) -> None:
        folder = str(self._settings.state)
        if isinstance(error, RegistryError):
            zh, en = error.text("zh"), error.text("en")
        else:
            zh = en = error.strerror or type(error).__name__
        self._troubles.tell("state", fault("LAST-GOOD-BROKEN", folder, path=folder, why_zh=zh, why_en=en))
