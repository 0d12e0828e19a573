"""Who calls the policy desk: the one place where a call becomes an actor, whatever proves it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final, Literal, NamedTuple

import grpc

from rules_service.registry.machine import Role
from rules_service.registry.roles import Roles
from rules_service.server.calls import Call
from rules_service.server.refusals import Refusal
from rules_service.server.words import Language

__all__ = ["Actor", "AnonymousReaders", "Credentials", "caller"]

AnonymousReaders = Literal["loopback", "anyone", "never"]
"""Who may look without a token: callers on this machine, everyone, or nobody."""

_BEARER: Final = "bearer "
_MOST_TOKEN: Final = 200


class Actor(NamedTuple):
    """Who calls, and what they are to the registry; a reader without a token has no name."""

    name: str
    roles: frozenset[Role]


class Credentials(NamedTuple):
    """What a call shows of its caller."""

    authorization: tuple[str, ...]
    peer: str

    @classmethod
    def of(cls, call: Call) -> Credentials:
        """What a running call shows."""
        return cls(tuple(call.metadata("authorization")), call.peer)


def caller(
    shown: Credentials, roles: Roles, anonymous: AnonymousReaders, *, changes: bool, language: Language
) -> Actor:
    """The actor of a call; one that changes something has a name.

    A token that is sent must be known, also where none is needed: a mistyped one is no anonymous reader.
    Raises ``Refusal`` (UNAUTHENTICATED, PERMISSION_DENIED).
    """
    sent = shown.authorization
    if not sent:
        if not changes and (anonymous == "anyone" or (anonymous == "loopback" and _is_here(shown.peer))):
            return Actor("", frozenset({Role.READER}))
        raise Refusal(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING", language)
    scheme, token = sent[0][: len(_BEARER)], sent[0][len(_BEARER) :].strip()
    name = roles.bearer(token) if len(sent) == 1 and token and len(token) <= _MOST_TOKEN else None
    if scheme.lower() != _BEARER or name is None:
        raise Refusal(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_UNKNOWN", language)
    if not roles.of(name):
        raise Refusal(grpc.StatusCode.PERMISSION_DENIED, "ROLE_NONE", language, actor=name)
    return Actor(name, roles.of(name))


def _is_here(peer: str) -> bool:
    """Whether a caller is on this machine."""
    kind, _, rest = peer.partition(":")
    if kind == "unix":
        return True
    host = rest.rpartition(":")[0].replace("%5B", "").replace("%5D", "").strip("[]")
    try:
        return kind in {"ipv4", "ipv6"} and ip_address(host).is_loopback
    except ValueError:
        return False
