"""An event of the registry's log: who did what to which version, chained to the event before it by hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import orjson

from rules_service.engine.digest import canonical_json

__all__ = [
    "GENESIS",
    "MAX_BODY_BYTES",
    "SIGNED",
    "Body",
    "Event",
    "Head",
    "Kind",
    "body_of",
    "canonical_body",
    "time_of",
    "time_text",
]

MAX_BODY_BYTES = 64 * 1024
_HASHED = b"rules-service log entry v1\n"
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"

Body: TypeAlias = Mapping[str, Any]
"""What else an event tells: texts, whole numbers, booleans, lists and mappings of them. No floats."""


class Kind(StrEnum):
    """What can be done to a version."""

    DRAFT = "draft"
    CHECK = "check"
    APPROVE = "approve"
    REJECT = "reject"
    PUBLISH = "publish"
    ACTIVATE = "activate"
    ROLLBACK = "rollback"
    RETIRE = "retire"


SIGNED = frozenset({Kind.PUBLISH, Kind.ACTIVATE, Kind.ROLLBACK, Kind.RETIRE})
"""What changes what answers: each such event carries a signature."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a log; an empty log has ``GENESIS``."""

    seq: int
    hash: str


GENESIS = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log.

    ``seq`` counts from 1 without gaps; ``prev_hash`` is the hash of the entry before; ``hash`` is SHA-256 in
    hex over everything else but the signature. ``at`` is UTC, never before the entry before. ``version`` is
    the hash of the content; ``key_id`` and ``signature`` (base64) are empty for kinds that are not signed.
    """

    seq: int
    prev_hash: str
    hash: str
    at: datetime
    actor: str
    role: str
    kind: Kind
    ruleset: str
    version: str
    body: Body
    key_id: str = ""
    signature: str = ""

    @classmethod
    def after(
        cls,
        head: Head,
        *,
        at: datetime,
        actor: str,
        role: str,
        kind: Kind,
        ruleset: str,
        version: str,
        body: Body,
    ) -> Event:
        """The entry that follows ``head``, with its hash, not signed yet.

        Raises ``ValueError`` for a body that is no plain content or too large.
        """
        canonical_body(body)
        event = cls(
            head.seq + 1, head.hash, "", at.astimezone(UTC), actor, role, kind, ruleset, version, body
        )
        return replace(event, hash=event.digest())

    @property
    def head(self) -> Head:
        """The log's head once this is its newest entry."""
        return Head(self.seq, self.hash)

    def digest(self) -> str:
        """The hash that the entry ought to have."""
        content = {
            "seq": self.seq,
            "prev_hash": self.prev_hash,
            "at": time_text(self.at),
            "actor": self.actor,
            "role": self.role,
            "kind": self.kind.value,
            "ruleset": self.ruleset,
            "version": self.version,
            "body": self.body,
        }
        return hashlib.sha256(_HASHED + canonical_json(content)).hexdigest()


def canonical_body(body: Body) -> str:
    """The body as it stands in the store. Raises ``ValueError`` for what is no plain content, or too much."""
    _require_plain(body)
    content = canonical_json(dict(body))
    if len(content) > MAX_BODY_BYTES:
        raise ValueError(f"the body of an event is limited to {MAX_BODY_BYTES} bytes")
    return content.decode()


def body_of(text: str) -> Body:
    """The body that a text of the store holds. Raises ``ValueError``."""
    found = orjson.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the body of an event is a mapping")  # noqa: TRY004 - one error for bad bodies
    return found


def _require_plain(value: object) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError("keys of an event's body are texts")  # noqa: TRY004 - one error for bad bodies
            _require_plain(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _require_plain(item)
    elif not (value is None or isinstance(value, str | bool | int)):
        raise ValueError(f"an event's body cannot hold {type(value).__name__}")


def time_text(at: datetime) -> str:
    """A time as the store holds it: UTC, to the microsecond."""
    return at.astimezone(UTC).strftime(_TIME)


def time_of(text: str) -> datetime:
    """The time of a text of the store. Raises ``ValueError``."""
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
