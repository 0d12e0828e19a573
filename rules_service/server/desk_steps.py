"""The methods of ``RulesetService`` that change something: each is one step of the policy desk."""

from __future__ import annotations

from collections.abc import Sequence

from rules_service.authoring.desk import Done
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.machine import CONFIRMABLE
from rules_service.server.desk_contents import drafted_files
from rules_service.server.desk_messages import entry_message
from rules_service.server.desk_seat import Seat

__all__ = ["activate", "approve", "draft", "publish", "reject", "result_of", "retire", "roll_back"]


def draft(seat: Seat, request: pb.DraftRequest) -> pb.DraftResponse:
    """Put in a content."""
    files = drafted_files("content", request.content, seat.language)
    done = seat.desk.draft(seat.actor.name, files, request.note)
    return pb.DraftResponse(result=result_of(seat, done))


def approve(seat: Seat, request: pb.ApproveRequest) -> pb.ApproveResponse:
    """Approve a version."""
    done = seat.desk.approve(seat.actor.name, seat.find(request.version), request.note)
    return pb.ApproveResponse(result=result_of(seat, done))


def reject(seat: Seat, request: pb.RejectRequest) -> pb.RejectResponse:
    """Send a version back."""
    done = seat.desk.reject(seat.actor.name, seat.find(request.version), request.note)
    return pb.RejectResponse(result=result_of(seat, done))


def publish(seat: Seat, request: pb.PublishRequest) -> pb.PublishResponse:
    """Sign a version and let it be live from a moment on."""
    done = seat.desk.publish(
        seat.actor.name,
        seat.find(request.version),
        seat.key(),
        live_from=seat.moment("live_from", request.live_from),
        note=request.note,
        confirmed=_confirmed(seat, request.confirmed),
    )
    return pb.PublishResponse(result=result_of(seat, done))


def activate(seat: Seat, request: pb.ActivateRequest) -> pb.ActivateResponse:
    """Let a published version be live."""
    done = seat.desk.activate(
        seat.actor.name,
        seat.find(request.version),
        seat.key(),
        live_from=seat.moment("live_from", request.live_from),
        note=request.note,
        confirmed=_confirmed(seat, request.confirmed),
    )
    return pb.ActivateResponse(result=result_of(seat, done))


def roll_back(seat: Seat, request: pb.RollBackRequest) -> pb.RollBackResponse:
    """Go back to a version, or to the one before the live one."""
    named = request.version
    to = seat.find(named) if named.version else None
    done = seat.desk.rollback(
        seat.actor.name,
        seat.desk.ruleset(to.ruleset if to is not None else named.ruleset),
        seat.key(),
        to=to,
        note=request.note,
        confirmed=_confirmed(seat, request.confirmed),
    )
    return pb.RollBackResponse(result=result_of(seat, done))


def retire(seat: Seat, request: pb.RetireRequest) -> pb.RetireResponse:
    """Let a version never be live again."""
    done = seat.desk.retire(
        seat.actor.name,
        seat.find(request.version),
        seat.key(),
        note=request.note,
        confirmed=_confirmed(seat, request.confirmed),
    )
    return pb.RetireResponse(result=result_of(seat, done))


def result_of(seat: Seat, done: Done) -> pb.StepResult:
    """What a step came to."""
    state = seat.desk.ruleset(done.version.ruleset)
    result = pb.StepResult(version=seat.told(state.versions[done.version.hash], state))
    if done.event is not None:
        result.entry.CopyFrom(entry_message(done.event))
    return result


def _confirmed(seat: Seat, given: Sequence[pb.Confirmation]) -> dict[str, str]:
    for position, each in enumerate(given):
        if each.code not in CONFIRMABLE:
            raise seat.fault(f"confirmed[{position}].code", "CONFIRM_CODE", given=each.code[:40])
        if not each.reason.strip():
            raise seat.fault(f"confirmed[{position}].reason", "CONFIRM_REASON")
    return {each.code: each.reason for each in given}
