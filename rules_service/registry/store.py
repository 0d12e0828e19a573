"""The store of the registry: contents by hash, the log, and what replicas say; SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from rules_service.compile.archive import BundleFormatError, unpack
from rules_service.registry.address import READING, Address
from rules_service.registry.event import (
    GENESIS,
    Event,
    Head,
    Kind,
    body_of,
    canonical_body,
    time_of,
    time_text,
)
from rules_service.registry.faults import ConflictError, ContentError, StoreAwayError, StoreError
from rules_service.registry.migrating import migrate, revision
from rules_service.registry.schema import CONTENTS, EVENTS, REPLICAS, REVISION

__all__ = ["Replica", "Store"]

# What SQLite says of a file that no other try will read.
_DAMAGED = ("malformed", "not a database")


@dataclass(frozen=True, slots=True)
class Replica:
    """What a running process last said of itself.

    ``live`` tells for each ruleset the hash that answers and since when; ``ready`` are the hashes that could
    answer at once.
    """

    name: str
    seen_at: datetime
    head_seq: int
    live: dict[str, tuple[str, datetime]]
    ready: tuple[str, ...]


class Store:
    """One registry.  Safe between threads.

    With ``create`` its tables are made or brought up to date first; without, another revision is an error.
    Every method may raise ``StoreAwayError``, and ``StoreError`` for what no other try will cure.
    """

    def __init__(self, address: Address, *, create: bool = False) -> None:
        self.address = address
        self._engine = address.engine()
        self._inode = 0
        try:
            if create:
                with self._working(missing_ok=True), self._engine.begin() as connection:
                    migrate(connection)
            self._require_revision()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # The log

    def head(self) -> Head:
        """The newest entry's number and hash."""
        with self._reading() as connection:
            return _head(connection)

    def events(self, after: int = 0, limit: int | None = None) -> list[Event]:
        """The entries behind number ``after`` in their order, as they stand there: nothing is verified.

        They end before one that cannot be read; if that is the first, ``StoreError``.
        """
        query = select(EVENTS).where(EVENTS.c.seq > after).order_by(EVENTS.c.seq).limit(limit)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        found: list[Event] = []
        for row in rows:
            try:
                found.append(_event(row))
            except StoreError:
                if not found:
                    raise
                break
        return found

    def append(self, event: Event) -> None:
        """Add one entry behind the head that it names.

        Raises ``ConflictError`` when that is no longer the head, and then nothing is written.
        """
        try:
            with self._working(), self._engine.begin() as connection:
                if _head(connection) == Head(event.seq - 1, event.prev_hash):
                    connection.execute(insert(EVENTS).values(_row(event)))
                    return
        except IntegrityError:
            pass  # another transaction was quicker between our look and our insert
        raise ConflictError(self.events(after=event.seq - 1))

    def copy_in(self, events: Sequence[Event]) -> None:
        """Add entries that another store holds already and that were verified; those that are here stay."""
        with self._working(), self._engine.begin() as connection:
            rows = [_row(event) for event in events if event.seq > _head(connection).seq]
            if rows:
                connection.execute(insert(EVENTS), rows)

    # Contents

    def put_content(self, digest: str, archive: bytes) -> None:
        """Keep the archive of a content; one that is there already stays as it is."""
        known = select(CONTENTS.c.hash).where(CONTENTS.c.hash == digest)
        try:
            with self._working(), self._engine.begin() as connection:
                if connection.execute(known).first() is None:
                    values = {"hash": digest, "size": len(archive), "archive": archive}
                    connection.execute(insert(CONTENTS).values(values))
        except IntegrityError:
            pass  # another process put the same content at the same moment

    def content(self, digest: str) -> bytes:
        """The archive of a content, verified against its hash.  Raises ``ContentError``."""
        query = select(CONTENTS.c.archive).where(CONTENTS.c.hash == digest)
        with self._reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise ContentError("CONTENT-MISSING", digest, hash=digest)
        archive = bytes(row.archive)
        try:
            _, _, found, _ = unpack(archive)
        except BundleFormatError as error:
            raise ContentError("CONTENT-ALTERED", digest, hash=digest, why=error.code) from error
        if found != digest:
            raise ContentError("CONTENT-ALTERED", digest, hash=digest, why=found)
        return archive

    def contents(self) -> frozenset[str]:
        """The hashes of all contents."""
        with self._reading() as connection:
            return frozenset(connection.execute(select(CONTENTS.c.hash)).scalars())

    def drop_contents(self, digests: frozenset[str]) -> None:
        """Forget contents; only a copy of a registry may."""
        with self._working(), self._engine.begin() as connection:
            connection.execute(delete(CONTENTS).where(CONTENTS.c.hash.in_(digests)))

    # Replicas

    def beat(self, replica: Replica) -> None:
        """Note what a process says of itself."""
        live = {name: [digest, time_text(since)] for name, (digest, since) in replica.live.items()}
        values = {
            "seen_at": time_text(replica.seen_at),
            "head_seq": replica.head_seq,
            "live": orjson.dumps(live).decode(),
            "ready": orjson.dumps(replica.ready).decode(),
        }
        with self._working(), self._engine.begin() as connection:
            mine = REPLICAS.c.name == replica.name
            if connection.execute(update(REPLICAS).where(mine).values(values)).rowcount == 0:
                connection.execute(insert(REPLICAS).values(name=replica.name, **values))

    def replicas(self) -> list[Replica]:
        """What every process last said, by name."""
        with self._reading() as connection:
            return [_replica(row) for row in connection.execute(select(REPLICAS).order_by(REPLICAS.c.name))]

    def forget_replica(self, name: str) -> None:
        """A process ended in order."""
        with self._working(), self._engine.begin() as connection:
            connection.execute(delete(REPLICAS).where(REPLICAS.c.name == name))

    # Connections

    def _require_revision(self) -> None:
        with self._reading() as connection:
            found = revision(connection)
        if found is None:
            raise StoreAwayError("STORE-EMPTY", str(self.address), address=self.address)
        if found != REVISION:
            place = str(self.address)
            raise StoreError("STORE-REVISION", place, address=place, found=found, known=REVISION)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._working(), self._engine.connect() as connection:
            yield connection.execution_options(**{READING: True})

    @contextlib.contextmanager
    def _working(self, *, missing_ok: bool = False) -> Iterator[None]:
        """Errors of database and driver as ours, with what the driver says of itself."""
        place = str(self.address)
        try:
            self._look_at_file(missing_ok=missing_ok)
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            why = _why(error)
            if any(sign in why for sign in _DAMAGED):
                raise StoreError("STORE-DAMAGED", place, address=place, problem=why) from error
            code = "STORE-FULL" if "full" in why.lower() else "REGISTRY-AWAY"
            raise StoreAwayError(code, place, address=place, problem=why) from error
        except SQLAlchemyError as error:
            raise StoreAwayError(
                "REGISTRY-AWAY", place, address=place, problem=type(error).__name__
            ) from error
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise StoreAwayError("REGISTRY-AWAY", place, address=place, problem=why) from error

    def _look_at_file(self, *, missing_ok: bool) -> None:
        """An open SQLite connection outlives its file: whoever moves one in must be seen."""
        if self.address.file is None:
            return
        try:
            inode = self.address.file.stat().st_ino
        except FileNotFoundError:
            if not missing_ok:
                raise
            inode = 0
        if inode != self._inode:
            self._engine.dispose()
            self._inode = inode


def _why(error: DBAPIError) -> str:
    """The first line of a driver's message: what SQLite and PostgreSQL say of themselves, without rows."""
    lines = str(error.orig).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _head(connection: Connection) -> Head:
    newest = select(func.max(EVENTS.c.seq)).scalar_subquery()
    row = connection.execute(select(EVENTS.c.seq, EVENTS.c.hash).where(EVENTS.c.seq == newest)).first()
    return Head(row.seq, row.hash) if row is not None else GENESIS


def _row(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
        "at": time_text(event.at),
        "actor": event.actor,
        "role": event.role,
        "kind": event.kind.value,
        "ruleset": event.ruleset,
        "version": event.version,
        "body": canonical_body(event.body),
        "key_id": event.key_id,
        "signature": event.signature,
    }


def _event(row: Row[Any]) -> Event:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    try:
        fields["at"] = time_of(row.at)
        fields["kind"] = Kind(row.kind)
        fields["body"] = body_of(row.body)
    except (ValueError, TypeError) as error:
        raise StoreError("LOG-UNREADABLE", f"#{row.seq}", seq=row.seq) from error
    return Event(**fields)


def _replica(row: Row[Any]) -> Replica:
    live = {name: (digest, time_of(since)) for name, (digest, since) in orjson.loads(row.live).items()}
    return Replica(row.name, time_of(row.seen_at), row.head_seq, live, tuple(orjson.loads(row.ready)))
