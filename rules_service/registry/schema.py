"""The tables of the registry, the same in SQLite and PostgreSQL. Times and hashes are texts in both."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, String, Table, Text

__all__ = ["CONTENTS", "EVENTS", "METADATA", "REPLICAS", "REVISION"]

REVISION = "r0001"
"""The revision that this program reads and writes; see ``migrations``."""

METADATA = MetaData()

# Ruleset archives by the hash of their files; a hash that is there is never written again.
CONTENTS = Table(
    "contents",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("archive", LargeBinary, nullable=False),
)

# The log. Two entries cannot follow the same one: `seq` and `prev_hash` are both unique.
EVENTS = Table(
    "events",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("prev_hash", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("at", String(27), nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("ruleset", Text, nullable=False),
    Column("version", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("key_id", String(32), nullable=False, server_default=""),
    Column("signature", String(128), nullable=False, server_default=""),
    CheckConstraint("seq > 0", name="seq_counts_from_one"),
)

# What each running process last said of itself; nothing is decided from it.
REPLICAS = Table(
    "replicas",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("seen_at", String(27), nullable=False),
    Column("head_seq", Integer, nullable=False),
    Column("live", Text, nullable=False),
    Column("ready", Text, nullable=False),
)
