"""Who may do what, and by which token a caller of the service is known: a file of names.

``name: [editor, approver, operator, reader]``, or ``name: {roles: […], token_sha256: […]}``.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.nodes import Scalar, without_mark
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE as READING
from rules_service.registry.faults import RegistryError
from rules_service.registry.machine import Role

__all__ = ["RoleFileError", "Roles", "new_token", "token_hash"]

_HASH = re.compile(r"[0-9a-f]{64}")
_TOKEN_BYTES = 32


def new_token() -> str:
    """A fresh token, for its owner alone."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What the file of roles holds of a token; tokens are long and random, so they need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class RoleFileError(RegistryError):
    """A file of roles that cannot be read, or says something else."""


class Roles:
    """The roles of each actor, and the hashes of their tokens; whom the file does not name has none."""

    def __init__(
        self, roles: Mapping[str, frozenset[Role]], tokens: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self._roles = dict(roles)
        self._tokens = [(name, each) for name, hashes in (tokens or {}).items() for each in hashes]

    @classmethod
    def read(cls, path: Path) -> Roles:
        """Read the file, strictly.  Raises ``RoleFileError``."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=error.strerror) from None
        found = Diagnostics(READING)
        node = read_yaml(path.name, content, found)
        if found.found:
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=str(found.found[0]))
        if not isinstance(node, dict):
            raise RoleFileError("ROLE-FILE", str(path), path=path, why=path.name)
        actors = {name: _Actor.of(path, name, value) for name, value in without_mark(node).items()}
        tokens = {name: actor.tokens for name, actor in actors.items()}
        owner: dict[str, str] = {}
        for name, hashes in tokens.items():
            for each in hashes:
                if owner.setdefault(each, name) != name:
                    raise _fault(path, name, Scalar(owner[each], Source(path.name, 1, 1)))
        return cls({name: actor.roles for name, actor in actors.items()}, tokens)

    def of(self, actor: str) -> frozenset[Role]:
        """The roles of an actor."""
        return self._roles.get(actor, frozenset())

    def bearer(self, token: str) -> str | None:
        """Whose token it is; all are compared, so that the time taken tells nothing."""
        given = token_hash(token)
        owners = [name for name, each in self._tokens if hmac.compare_digest(each, given)]
        return owners[0] if owners else None


@dataclass(frozen=True, slots=True)
class _Actor:
    """One entry of the file."""

    roles: frozenset[Role]
    tokens: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: Path, name: str, value: object) -> _Actor:
        if not name.strip():
            raise _fault(path, name, value)
        if not isinstance(value, dict):
            return cls(_roles(path, name, value))
        entry = without_mark(value)
        for key in entry:
            if key not in {"roles", "token_sha256"}:
                raise _fault(path, name, key)
        hashes = _words(entry.get("token_sha256", []))
        for each in hashes:
            if _HASH.fullmatch(str(each)) is None:  # it may be the token itself, so it is not repeated
                raise _fault(path, name, each, "token_sha256")
        return cls(_roles(path, name, entry.get("roles", [])), tuple(str(each) for each in hashes))


def _words(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _roles(path: Path, actor: str, value: object) -> frozenset[Role]:
    roles = set()
    for word in _words(value):
        try:
            roles.add(Role(str(word)))
        except ValueError:
            raise _fault(path, actor, word) from None
    return frozenset(roles)


def _fault(path: Path, actor: str, word: object, shown: str | None = None) -> RoleFileError:
    source = word.source if isinstance(word, Scalar) else Source(path.name, 1, 1)
    why = f"{source.file}:{source.line} {actor}: {str(word)[:40] if shown is None else shown}"
    return RoleFileError("ROLE-FILE", str(path), path=path, why=why)
