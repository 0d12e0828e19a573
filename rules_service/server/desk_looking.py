"""The methods of ``RulesetService`` that only look: versions, history, what was in force, replicas."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rules_service.authoring.answering import UnknownPlaceError, answering
from rules_service.model.diagnostics import Diagnostic
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.event import Event, time_text
from rules_service.registry.log import LogState, entries
from rules_service.registry.states import RulesetState, Version
from rules_service.registry.store import Replica
from rules_service.server.desk_messages import STAGES, entry_message, order_message
from rules_service.server.desk_pages import paged
from rules_service.server.desk_seat import Seat
from rules_service.values.dates import CHINA_TIME, parse_date

__all__ = ["get_in_force", "get_version", "list_history", "list_replicas", "list_versions"]

_MOST_ENTRIES: Final = 100
"""Of one version that are told with it; all are in the history."""


def list_versions(seat: Seat, request: pb.ListVersionsRequest) -> pb.ListVersionsResponse:
    """Versions, those put in last first."""
    states = _asked(seat, request.ruleset)
    now = seat.desk.now()
    wanted = set(request.stages)
    found = [
        (version, state)
        for state in states
        for version in state.versions.values()
        if (not wanted or STAGES[state.stage(version.hash, now)] in wanted)
        and (not request.editor or request.editor in version.editors)
    ]
    found.sort(key=lambda each: each[0].drafted.seq, reverse=True)
    page, token = paged(
        seat,
        found,
        lambda each: each[0].drafted.seq,
        size=request.page_size,
        token=request.page_token,
    )
    later = [order for state in states for order in state.scheduled(now)]
    return pb.ListVersionsResponse(
        versions=[seat.told(version, state) for version, state in page],
        live=[order_message(order) for state in states if (order := state.live(now)) is not None],
        scheduled=[order_message(order) for order in sorted(later, key=lambda each: each.order)],
        total_count=len(found),
        next_page_token=token,
    )


def _asked(seat: Seat, ruleset: str) -> list[RulesetState]:
    """The rulesets that are asked for, or all."""
    if ruleset:
        return [seat.desk.ruleset(ruleset)]
    return [state for _, state in sorted(seat.desk.state().rulesets.items())]


def get_version(seat: Seat, request: pb.GetVersionRequest) -> pb.GetVersionResponse:
    """One version with its newest entries."""
    version = seat.find(request.version)
    state = seat.desk.ruleset(version.ruleset)
    told = [each for each in _log(seat) if _is_of(each[0], version)][-_MOST_ENTRIES:]
    return pb.GetVersionResponse(
        version=seat.told(version, state),
        entries=[entry_message(*each) for each in told],
        orders=[order_message(order) for order in state.activations if order.version == version.hash],
        archive=seat.desk.archive(version) if request.with_archive else b"",
    )


def _is_of(event: Event, version: Version) -> bool:
    return (event.ruleset, event.version) == (version.ruleset, version.hash)


def _log(seat: Seat) -> list[tuple[Event, Diagnostic | None]]:
    """All entries, each with the reason why it does not count."""
    log = LogState()
    found = []
    for event in entries(seat.store):
        log, doubt = log.after(event, seat.trusted)
        found.append((event, doubt))
    return found


def get_in_force(seat: Seat, request: pb.GetInForceRequest) -> pb.GetInForceResponse:
    """The version that answered for a region at a moment, or will by what is ordered now."""
    now = seat.desk.now()
    at = seat.moment("at", request.at) or now
    day = parse_date(request.rule_date) if request.rule_date else _day(at)
    try:
        found = answering(seat.desk, request.region_code, at, day)
    except UnknownPlaceError:
        raise seat.fault("region_code", "REGION_UNKNOWN", region=request.region_code[:40]) from None
    answer = pb.GetInForceResponse(expected=at > now)
    if found is not None:
        answer.version.CopyFrom(seat.told(found.version, found.state.rulesets[found.version.ruleset]))
        answer.order.CopyFrom(order_message(found.order))
    return answer


def _day(at: datetime) -> int:
    return at.astimezone(CHINA_TIME).date().toordinal()


def list_history(seat: Seat, request: pb.ListHistoryRequest) -> pb.ListHistoryResponse:
    """Entries of the log, in its order or the newest first."""
    ruleset = seat.desk.ruleset(request.ruleset).id if request.ruleset else ""
    version = seat.desk.find(request.version, ruleset) if request.version else None
    found = [
        each
        for each in _log(seat)
        if ruleset in {"", each[0].ruleset} and (version is None or _is_of(each[0], version))
    ]
    if request.newest_first:
        found.reverse()
    page, token = paged(
        seat, found, lambda each: each[0].seq, size=request.page_size, token=request.page_token
    )
    return pb.ListHistoryResponse(entries=[entry_message(*each) for each in page], next_page_token=token)


def list_replicas(seat: Seat, _request: pb.ListReplicasRequest) -> pb.ListReplicasResponse:
    """What every process last said of itself."""
    return pb.ListReplicasResponse(replicas=[_replica(replica) for replica in seat.store.replicas()])


def _replica(replica: Replica) -> pb.Replica:
    return pb.Replica(
        name=replica.name,
        seen_at=time_text(replica.seen_at),
        head_seq=replica.head_seq,
        live=[
            pb.ReplicaLive(ruleset=name, hash=digest, since=time_text(since))
            for name, (digest, since) in sorted(replica.live.items())
        ],
        ready=replica.ready,
    )
