"""Where the registry is: a SQLite file or a PostgreSQL database, and how connections to it are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from rules_service.registry.faults import StoreError

__all__ = ["READING", "Address"]

READING = "registry_reading"
"""The execution option of a connection that will not write."""

# Engineering defaults, in seconds: how long another writer is waited for, and the network.
_BUSY_S = 5
_CONNECT_S = 3
_STATEMENT_S = 15


class Address:
    """The address of a registry; its text never shows a password.

    ``text`` is a path (SQLite), ``sqlite:///path`` or ``postgresql://user@host/database``.
    Raises ``StoreError`` for anything else.
    """

    def __init__(self, text: str) -> None:
        self._url = _url(text)

    @classmethod
    def read(cls, path: Path) -> Address:
        """The address that stands in a file, so that its password stands nowhere else."""
        try:
            return cls(path.read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise StoreError("STORE-ADDRESS-FILE", str(path), path=path) from None

    def __str__(self) -> str:
        shown = self._url.difference_update_query(["password"])
        return shown.render_as_string(hide_password=True)

    @property
    def has_password(self) -> bool:
        """Whether the text held a password, which must not stand on a command line."""
        return self._url.password is not None or "password" in self._url.query

    @property
    def file(self) -> Path | None:
        """The SQLite file; ``None`` for PostgreSQL."""
        return Path(self._url.database or "") if self._url.get_backend_name() == "sqlite" else None

    def engine(self) -> Engine:
        """The connections to it; none is opened yet."""
        if self.file is not None:
            return _sqlite(self._url)
        return _postgresql(self._url)


def _url(text: str) -> URL:
    if "://" not in text:
        if not text:
            raise StoreError("STORE-ADDRESS", address="")
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise StoreError("STORE-ADDRESS", address=text.partition("://")[0] + "://…") from None
    if backend == "sqlite" and url.database:
        return url.set(drivername="sqlite")
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise StoreError("STORE-ADDRESS", address=f"{backend}://…")


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins no transactions of its own: see _begun
        connection.execute("PRAGMA journal_mode=WAL")
        # A publish that was answered stays published, also when the power fails right after.
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        # A writer takes its place at once, instead of finding out at its first insert that it came too late.
        reading = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_S,
            "keepalives_idle": _STATEMENT_S,
            "tcp_user_timeout": _STATEMENT_S * 1000,
            "application_name": "rules-service",
        },
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{_STATEMENT_S}s'")
        connection.commit()

    return engine
