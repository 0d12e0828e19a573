"""The store, SQLite and PostgreSQL alike: appending, contents, replicas, and what it says when it cannot."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from tests.registry.desk import START, A, Clock, Log  # isort: skip

from rules_service.compile.archive import unpack
from rules_service.registry.address import Address
from rules_service.registry.event import GENESIS, Event, Kind
from rules_service.registry.faults import ConflictError, ContentError, StoreAwayError, StoreError
from rules_service.registry.store import Replica, Store


def put(store: Store, archive: bytes) -> str:
    digest = unpack(archive)[2]
    store.put_content(digest, archive)
    return digest


def test_entries_come_back_as_they_were_written(store: Store) -> None:
    log = Log()
    log.published(A, live_from=START + timedelta(days=1), note="改合格线：60→75")
    assert store.head() == GENESIS
    for event in log.events:
        store.append(event)
    assert store.events() == log.events
    assert [event.digest() for event in store.events()] == [event.hash for event in log.events]
    assert store.head() == log.head
    assert store.events(after=2, limit=1) == log.events[2:3]


def test_of_two_entries_behind_one_head_the_second_is_a_conflict(store: Store) -> None:
    """It is told who did what meanwhile, and nothing of its own is written."""
    first, second = Log(), Log()
    store.append(first.add(Kind.DRAFT, A, "张三"))
    with pytest.raises(ConflictError) as raised:
        store.append(second.add(Kind.DRAFT, "b" * 64, "李四"))
    assert raised.value.meanwhile == tuple(first.events)
    assert "张三 存入草稿 tiny aaaaaaaaaaaa" in raised.value.text("zh")
    assert store.events() == first.events


def test_many_writers_at_once_make_one_chain(address: Address) -> None:
    """Of all that append behind the same head exactly one succeeds, in every round."""
    writers, rounds = 4, 5
    begin, won = Barrier(writers), list[Event]()

    def write(name: str) -> None:
        with Store(address) as mine:
            for _ in range(rounds):
                begin.wait()
                log = Log(head=mine.head())
                begin.wait()
                event = log.add(Kind.DRAFT, hashlib.sha256(name.encode()).hexdigest(), name)
                try:
                    mine.append(event)
                except ConflictError:
                    continue
                won.append(event)

    with Store(address, create=True) as store:
        threads = [Thread(target=write, args=(f"人{n}",)) for n in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == rounds
        assert store.events() == sorted(won, key=lambda event: event.seq)


def test_contents_are_verified_on_every_read(store: Store, make: Any) -> None:
    archive = make("1")
    digest = put(store, archive)
    put(store, archive)
    assert store.content(digest) == archive
    assert store.contents() == {digest}
    with pytest.raises(ContentError) as raised:
        store.content(A)
    assert raised.value.code == "CONTENT-MISSING"
    for other in (make("2"), archive[:-1], archive.replace(b"tiny", b"tinx"), b""):
        with store._engine.begin() as connection:
            connection.execute(text("UPDATE contents SET archive = :other"), {"other": other})
        with pytest.raises(ContentError) as raised:
            store.content(digest)
        assert raised.value.code == "CONTENT-ALTERED"


def test_replicas_say_who_serves_what(store: Store) -> None:
    first = Replica("甲", START, 3, {"tiny": (A, START)}, (A,))
    later = Replica("甲", START + timedelta(seconds=5), 4, {}, ())
    other = Replica("乙", START, 0, {}, ())
    for replica in (first, later, other):
        store.beat(replica)
    assert sorted(store.replicas(), key=lambda each: each.name) == [other, later]
    store.forget_replica("甲")
    assert store.replicas() == [other]


def test_the_tables_are_made_once_and_only_by_writers(address: Address) -> None:
    with pytest.raises(StoreAwayError):
        Store(address)
    for _ in range(2):
        Store(address, create=True).close()
    Store(address).close()


def test_other_tables_are_refused(store: Store, address: Address) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    with pytest.raises(StoreError) as raised:
        Store(address)
    assert raised.value.code == "STORE-REVISION"


def test_the_tables_are_those_of_the_schema(store: Store) -> None:
    """The migrations make what ``schema.py`` describes."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - needed here only
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    from rules_service.registry.schema import METADATA  # noqa: PLC0415

    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_full_disk_writes_nothing_and_says_so(tmp_path: Path, make: Any) -> None:
    address = Address(str(tmp_path / "registry.sqlite"))
    with Store(address, create=True) as store:
        log = Log()
        store.append(log.add(Kind.DRAFT, A, "编"))
        with store._engine.begin() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreAwayError) as raised:
            put(store, make("1"))
        assert raised.value.code == "STORE-FULL"
        assert store.contents() == frozenset()
        assert store.events() == log.events


def test_a_file_that_goes_and_comes_back_is_noticed(tmp_path: Path) -> None:
    """SQLite would go on reading a file that is no longer there."""
    path = tmp_path / "registry.sqlite"
    log = Log()
    with Store(Address(str(path)), create=True) as store:
        store.append(log.add(Kind.DRAFT, A, "编"))
        store.close()
        copy = path.read_bytes()
        path.rename(tmp_path / "away")
        with pytest.raises(StoreAwayError):
            store.head()
        path.write_bytes(copy)
        with Store(Address(str(path))) as other:
            other.append(log.add(Kind.CHECK, A, "编", ok=True))
        assert store.head() == log.head


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite"
    path.write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(StoreError) as raised:
        Store(Address(str(path)), create=True)
    assert raised.value.code == "STORE-DAMAGED"
    assert "not a database" in raised.value.text("en")


def test_no_password_in_texts(tmp_path: Path) -> None:
    """Neither in the address nor in what a failing connection says."""
    secret = "xyzzy"  # noqa: S105 - a made-up one
    address = Address(f"postgresql://me:{secret}@127.0.0.1:1/none")
    assert address.has_password
    assert secret not in str(address)
    with pytest.raises(StoreAwayError) as raised:
        Store(address)
    assert secret not in raised.value.text("zh") + raised.value.text("en") + str(raised.value)
    inside = Address(f"postgresql://me@127.0.0.1/none?password={secret}")
    assert inside.has_password
    assert secret not in str(inside)
    file = tmp_path / "address"
    file.write_text(f"postgresql://me:{secret}@db/none\n")
    assert str(Address.read(file)) == "postgresql+psycopg://me:***@db/none"


def test_a_word_without_a_scheme_is_a_file() -> None:
    assert Address("postgresql").file == Path("postgresql")


@pytest.mark.parametrize("text", ["", "mysql://x/y", "nothing://", "sqlite://"])
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(StoreError) as raised:
        Address(text)
    assert raised.value.code == "STORE-ADDRESS"


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    """A transaction under way does not make the next writer fail."""
    path = tmp_path / "registry.sqlite"
    with Store(Address(str(path)), create=True) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        event = Log(clock=Clock()).add(Kind.DRAFT, A, "编")
        writer = Thread(target=store.append, args=(event,))
        writer.start()
        assert store.head() == GENESIS, "readers do not wait"
        other.execute("COMMIT")
        other.close()
        writer.join()
        assert store.events() == [event]
