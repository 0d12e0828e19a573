"""The methods of ``RulesetService``: bytes to request, a seat at the policy desk, answer to bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from rules_service import __version__
from rules_service.facts.limits import Limits
from rules_service.facts.structure import violations
from rules_service.facts.violation_texts import violation_text
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.faults import RegistryError
from rules_service.registry.states import Version
from rules_service.server import desk_looking as looking
from rules_service.server import desk_steps as steps
from rules_service.server.account import plain_id
from rules_service.server.calls import Call, Handler
from rules_service.server.desk_bench import Bench
from rules_service.server.desk_office import Office
from rules_service.server.desk_refusals import invalid, refusal_of_fault
from rules_service.server.desk_resolving import resolve, resolve_pair
from rules_service.server.desk_seat import Seat
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.settings import Settings
from rules_service.server.words import language_of, text

__all__ = ["RULESETS", "RulesetHandlers"]

RULESETS: Final[str] = pb.DESCRIPTOR.services_by_name["RulesetService"].full_name

_LOOKING: Final[Mapping[str, Callable[[Seat, Any], Any]]] = {
    "ListVersions": looking.list_versions,
    "GetVersion": looking.get_version,
    "GetInForce": looking.get_in_force,
    "ListHistory": looking.list_history,
    "ListReplicas": looking.list_replicas,
}
_STEPS: Final[Mapping[str, Callable[[Seat, Any], Any]]] = {
    "Draft": steps.draft,
    "Approve": steps.approve,
    "Reject": steps.reject,
    "Publish": steps.publish,
    "Activate": steps.activate,
    "RollBack": steps.roll_back,
    "Retire": steps.retire,
}

T = TypeVar("T")
_Simulating = pb.SimulateRequest | pb.CheckRequest


class RulesetHandlers:
    """All methods over one office."""

    def __init__(self, office: Office, settings: Settings) -> None:
        self._office = office
        self._settings = settings
        self._bench = Bench(settings)
        self._limits = Limits()

    def services(self) -> Mapping[str, Mapping[str, Handler]]:
        """The handlers by service and method."""
        seated = [
            (name, partial(self._seated, name, act, changes))
            for changes, acts in ((False, _LOOKING), (True, _STEPS))
            for name, act in acts.items()
        ]
        return {
            RULESETS: {
                **dict(seated),
                "Validate": self.validate,
                "Check": self.check,
                "Diff": self.diff,
                "Simulate": self.simulate,
            }
        }

    async def _seated(
        self, name: str, act: Callable[[Seat, Any], Any], changes: bool, data: bytes, call: Call
    ) -> bytes:
        """Decode, act at the desk, tell the log."""
        request = self._read(getattr(pb, f"{name}Request"), data, call)
        answer = await self._at(call, lambda seat: act(seat, request), changes=changes)
        return self._encoded(request, answer, call)

    async def validate(self, data: bytes, call: Call) -> bytes:
        """Lint and test rules; nothing is noted."""
        request = self._read(pb.ValidateRequest, data, call)
        with self._bench.taken(call.language):
            await self._at(call, lambda seat: resolve(seat, request.content, "content"))
            answer = await self._bench.work(request, pb.ValidateResponse, call.language)
        return self._encoded(request, answer, call)

    async def check(self, data: bytes, call: Call) -> bytes:
        """Lint and test a version, see what it would change for the requests sent along, and note that."""
        request = self._read(pb.CheckRequest, data, call)
        asked = pb.ValidateRequest()
        simulated = pb.SimulateRequest()
        self._take_requests(request, simulated, call)

        def begin(seat: Seat) -> Version:
            version = seat.find(request.version)
            seat.desk.require_checkable(seat.actor.name, version)
            asked.content.archive = seat.desk.archive(version)
            if _count(simulated):
                simulated.draft.version.version, simulated.draft.version.ruleset = (
                    version.hash,
                    version.ruleset,
                )
                resolve_pair(seat, simulated.base, simulated.draft, ("base", "draft"))
            return version

        with self._bench.taken(call.language):
            version = await self._at(call, begin, changes=True)
            found = await self._bench.work(asked, pb.ValidateResponse, call.language)
            impact = None
            if _count(simulated) and not found.report.errors:
                impact = await self._bench.work(simulated, pb.SimulateResponse, call.language)

        def note(seat: Seat) -> pb.CheckResponse:
            done = seat.desk.note_check(seat.actor.name, version, _body(found.report), impact=_impact(impact))
            return pb.CheckResponse(result=steps.result_of(seat, done), report=found.report)

        answer = await self._at(call, note, changes=True)
        return self._encoded(request, answer, call)

    async def diff(self, data: bytes, call: Call) -> bytes:
        """Compare two versions."""
        request = self._read(pb.DiffRequest, data, call)
        places = request.HasField("old_place") or request.HasField("new_place")
        if not request.HasField("new") and not places:
            raise self._fault("new", "CONTENT_MISSING", call)
        new = request.new if request.HasField("new") else None
        with self._bench.taken(call.language):
            await self._at(call, lambda seat: resolve_pair(seat, request.old, new, ("old", "new")))
            answer = await self._bench.work(request, pb.DiffResponse, call.language)
        return self._encoded(request, answer, call)

    async def simulate(self, data: bytes, call: Call) -> bytes:
        """Tell what a draft would change for the requests sent along."""
        request = self._read(pb.SimulateRequest, data, call)
        asked = pb.SimulateRequest(draft=request.draft, base=request.base)
        self._take_requests(request, asked, call)
        if not _count(asked):
            raise self._fault("review_requests", "REQUESTS_MISSING", call)
        with self._bench.taken(call.language):
            await self._at(call, lambda seat: resolve_pair(seat, asked.base, asked.draft, ("base", "draft")))
            answer = await self._bench.work(asked, pb.SimulateResponse, call.language)
        return self._encoded(request, answer, call)

    # What methods share

    def _read(self, kind: type[Any], data: bytes, call: Call) -> Any:
        """The request, with all of its faulty fields refused at once but those of requests inside it."""
        try:
            request = kind.FromString(data)
        except DecodeError:
            name = kind.DESCRIPTOR.name
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT, "NOT_PROTOBUF", call.language, message=name
            ) from None
        call.language = language_of(request.context)
        call.fields["request_id"] = plain_id(request.context.request_id)
        own = request
        if isinstance(request, _Simulating):
            own = kind.FromString(data)
            del own.review_requests[:], own.assess_requests[:]
        faults = violations(own, self._limits, len(data))
        if faults:
            told = [FieldError(one.path, one.code, violation_text(one, call.language)) for one in faults]
            raise invalid(told, call.language)
        return request

    def _take_requests(self, request: _Simulating, asked: pb.SimulateRequest, call: Call) -> None:
        """Hand over the requests of a simulation, within their limit."""
        count, limit = _count(request), self._settings.max_simulated_requests
        if count > limit:
            raise self._fault("review_requests", "REQUESTS_TOO_MANY", call, count=count, limit=limit)
        asked.review_requests.MergeFrom(request.review_requests)
        asked.assess_requests.MergeFrom(request.assess_requests)

    async def _at(self, call: Call, act: Callable[[Seat], T], *, changes: bool = False) -> T:
        try:
            return await self._office.at(call, act, changes=changes)
        except RegistryError as error:
            raise refusal_of_fault(error, call.language) from error

    def _encoded(self, request: Any, answer: Any, call: Call) -> bytes:
        answer.request_id = request.context.request_id
        encoded: bytes = answer.SerializeToString()
        most = self._settings.max_answer_bytes
        if len(encoded) > most:
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
            raise Refusal(code, "ANSWER_TOO_LARGE", call.language, limit=most)
        _tell(answer, call)
        return encoded

    @staticmethod
    def _fault(field: str, code: str, call: Call, **values: object) -> Refusal:
        return invalid([FieldError(field, code, text(code, call.language, **values))], call.language)


def _tell(answer: Message, call: Call) -> None:
    """What the log says of a step: which version, and which entry it made."""
    if "result" in answer.DESCRIPTOR.fields_by_name:
        result = answer.result  # type: ignore[attr-defined]
        call.fields |= {"ruleset": result.version.ruleset, "bundle": result.version.hash[:12]}
        call.fields["entry"] = result.entry.seq or None


def _count(request: _Simulating) -> int:
    return len(request.review_requests) + len(request.assess_requests)


def _body(report: pb.CheckReport) -> dict[str, Any]:
    """What the log says of a check that was made in a process of its own."""
    counts = {name: getattr(report, name) for name in ("errors", "warnings", "tests", "failures")}
    return {"ok": report.ok, "codes": list(report.codes), "program": __version__, **counts}


def _impact(answer: pb.SimulateResponse | None) -> dict[str, Any] | None:
    """What the log says of a simulation."""
    if answer is None:
        return None
    summary = answer.summary
    counts = {name: getattr(summary, name) for name in ("projects", "unanswerable", "flips", "newly_failing")}
    share = summary.newly_failing_share
    return {"draft": answer.draft_hash, "live": answer.base_hash, **counts, "newly_failing_share": share}
