"""Logs for tests: a clock that only tests move, a registry of either kind, and entries in a few words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from rules_service.registry.address import Address
from rules_service.registry.event import GENESIS, SIGNED, Event, Head, Kind, time_text
from rules_service.registry.signing import SigningKey

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/test"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
A, B, C = ("a" * 64, "b" * 64, "c" * 64)


@contextlib.contextmanager
def postgresql_schema() -> Iterator[str]:
    """The address of a schema of its own, dropped afterwards; skips the test without a server."""
    name = f"t{uuid4().hex}"
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL at {POSTGRESQL}: {error}")
    with connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
        try:
            yield f"{POSTGRESQL}?options=-csearch_path%3D{name}"
        finally:
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')
    connection.close()


@contextlib.contextmanager
def address_of(kind: str, folder: Path) -> Iterator[Address]:
    """An empty registry of a kind."""
    if kind == "sqlite":
        yield Address(str(folder / "registry.sqlite"))
    else:
        with postgresql_schema() as text:
            yield Address(text)


@dataclass
class Clock:
    """The time, moved by tests only."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@dataclass
class Log:
    """Entries in the making, signed where their kind asks for it."""

    key: SigningKey = field(default_factory=SigningKey.new)
    clock: Clock = field(default_factory=Clock)
    head: Head = GENESIS
    events: list[Event] = field(default_factory=list)

    def add(
        self, kind: Kind, version: str, actor: str, *, ruleset: str = "tiny", key: Any = None, **body: Any
    ) -> Event:
        if isinstance(body.get("live_from"), datetime):
            body["live_from"] = time_text(body["live_from"])
        if kind is Kind.PUBLISH:
            body.setdefault("bundle_signature", (key or self.key).sign_bundle(version).line())
        made = Event.after(
            self.head,
            at=self.clock.now,
            actor=actor,
            role="operator",
            kind=kind,
            ruleset=ruleset,
            version=version,
            body=body,
        )
        if kind in SIGNED:
            made = (key or self.key).sign_event(made)
        self.head = made.head
        self.events.append(made)
        self.clock.pass_by(seconds=1)
        return made

    def approved(self, version: str, *, ruleset: str = "tiny", label: str = "1") -> None:
        """Draft, check and approval."""
        self.add(Kind.DRAFT, version, "编", ruleset=ruleset, label=label)
        self.add(Kind.CHECK, version, "编", ruleset=ruleset, ok=True)
        self.add(Kind.APPROVE, version, "审", ruleset=ruleset)

    def published(self, version: str, *, ruleset: str = "tiny", label: str = "1", **body: Any) -> Event:
        """All steps until it is published."""
        self.approved(version, ruleset=ruleset, label=label)
        return self.add(Kind.PUBLISH, version, "运", ruleset=ruleset, **body)
