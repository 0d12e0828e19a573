"""A registry that tests fill without a desk, and a feed whose looks they decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.registry.contents import GAP, content  # isort: skip
from tests.registry.desk import Clock, Log  # isort: skip
from tests.registry.keys import trusting  # isort: skip

from rules_service.compile.archive import content_hash, pack
from rules_service.compile.bundle import Bundle
from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.address import Address
from rules_service.registry.event import Event, Kind
from rules_service.registry.feed import Feed
from rules_service.registry.feed_reports import FeedSettings
from rules_service.registry.registry import Reload
from rules_service.registry.store import Store


def variant(label: str, name: str = "tiny") -> dict[str, bytes]:
    """The files of a version; fifty in a row differ in the line of alert too."""
    return content(label, (GAP, "30pp", f"{31 + int(label) % 50}pp"), name=name)


@dataclass
class Heard:
    """Everything that a feed reports."""

    reloads: list[Reload] = field(default_factory=list)
    ready: list[Bundle] = field(default_factory=list)
    refused: list[Diagnostic] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    registry: tuple[datetime | None, Diagnostic | None] = (None, None)

    def on_reload(self, reload: Reload) -> None:
        self.reloads.append(reload)

    def on_ready(self, bundle: Bundle) -> None:
        self.ready.append(bundle)

    def on_refused(self, found: Diagnostic) -> None:
        self.refused.append(found)

    def on_registry(self, heard: datetime | None, fault: Diagnostic | None) -> None:
        self.registry = (heard, fault)

    def on_feed_error(self, error: Exception) -> None:
        self.errors.append(error)

    @property
    def codes(self) -> list[str]:
        """What was refused, entries and versions, by code."""
        of_reloads = [item.code for each in self.reloads if each.bundle is None for item in each.diagnostics]
        return [found.code for found in self.refused] + of_reloads


@dataclass
class Publisher:
    """Writes entries and contents into a store, as a desk would."""

    store: Store
    log: Log = field(default_factory=Log)
    hashes: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.log.clock

    def put(self, label: str, name: str = "tiny") -> str:
        """The content of a version, whose line of alert follows from its label."""
        files = variant(label, name)
        digest = self.hashes[label] = content_hash(files)
        self.store.put_content(digest, pack(name, label, files))
        return digest

    def publish(self, label: str, *, name: str = "tiny", **body: Any) -> str:
        digest = self.put(label, name)
        count = len(self.log.events)
        self.log.published(digest, ruleset=name, label=label, **body)
        self.send(count)
        return digest

    def add(self, kind: Kind, label: str, **options: Any) -> Event:
        count = len(self.log.events)
        event = self.log.add(kind, self.hashes[label], "运", **options)
        self.send(count)
        return event

    def send(self, count: int) -> None:
        for event in self.log.events[count:]:
            self.store.append(event)


class Follower:
    """A feed that looks and works when a test says so."""

    def __init__(self, publisher: Publisher, state: Path | None = None, **settings: Any) -> None:
        self.heard = Heard()
        self.prepared: list[str] = []
        self.clock = Clock(publisher.clock.now)
        given: dict[str, Any] = {"trusted": trusting(publisher.log.key), "name": "甲机-1"} | settings
        address = given.pop("address", publisher.store.address)
        self.feed = Feed(FeedSettings(address, state=state, **given), self.heard, self.clock)
        self.feed._prepare = lambda bundle: self.prepared.append(bundle.version)

    def turn(self, clock: Clock | None = None) -> None:
        """One look, all the work, and a look."""
        if clock is not None:
            self.clock.now = clock.now
        self.feed.look()
        self.feed.work()
        self.feed._resume()

    @property
    def live(self) -> str:
        """The label of what answers without a pin."""
        return " ".join(bundle.version for bundle in self.feed.current().live)


def nowhere(tmp_path: Path) -> Address:
    """A registry that is away."""
    return Address(str(tmp_path / "nowhere" / "registry.sqlite"))


DAY = timedelta(days=1)
