"""Brings a registry's tables to the revision of this program."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

__all__ = ["migrate", "revision"]

# Any number of our own: two processes that migrate one PostgreSQL database at once must take turns.
_LOCK = 7_263_514_011


def migrate(connection: Connection) -> None:
    """Make or update the tables within the connection's transaction; nothing happens if they are current."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", "rules_service.registry:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """The revision of the tables; ``None`` if there are none."""
    return MigrationContext.configure(connection).get_current_revision()
