"""Puts contents in the place of names of versions, so that a job needs no registry."""

from __future__ import annotations

import grpc

from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.server.desk_seat import Seat
from rules_service.server.refusals import Refusal

__all__ = ["resolve", "resolve_pair"]


def resolve(seat: Seat, content: pb.RulesetContent, field: str) -> str:
    """Let a content hold the bundle file of the version that it names; gives the ruleset, if it is known.

    Raises ``RegistryError`` and ``Refusal``.
    """
    if content.WhichOneof("content") != "version":
        return ""
    version = seat.find(content.version, f"{field}.version")
    content.archive = seat.desk.archive(version)
    return version.ruleset


def resolve_pair(
    seat: Seat, old: pb.RulesetContent, new: pb.RulesetContent | None, fields: tuple[str, str]
) -> None:
    """As ``resolve`` for two contents; an old one that is not given is what is live of the same ruleset."""
    ruleset = resolve(seat, new, fields[1]) if new is not None else ""
    if old.WhichOneof("content") is not None:
        resolve(seat, old, fields[0])
        return
    state = seat.desk.ruleset(ruleset)
    live = state.live(seat.desk.now())
    if live is None:
        raise Refusal(grpc.StatusCode.FAILED_PRECONDITION, "NOTHING_LIVE", seat.language)
    old.archive = seat.store.content(live.version)
