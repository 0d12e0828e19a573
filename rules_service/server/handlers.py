"""The methods of the contract: bytes to request, request to answer, answer to bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from operator import attrgetter
from time import perf_counter
from typing import Any, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from rules_service import api
from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.pb.budget.rules.v1 import library_service_pb2 as library_pb
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.account import Account, log_fields, plain_id
from rules_service.server.backend import Backend, Reviewer, refusal_of
from rules_service.server.calls import Call, Handler
from rules_service.server.envelope import ReviewBatchEnvelope, ReviewBatchResults
from rules_service.server.faults import internal
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.settings import Settings
from rules_service.server.words import Language, language_of, text

__all__ = ["LIBRARY", "MONITORING", "REVIEW", "Handlers"]

REVIEW: str = review_pb.DESCRIPTOR.services_by_name["ReviewService"].full_name
LIBRARY: str = library_pb.DESCRIPTOR.services_by_name["LibraryService"].full_name
MONITORING: str = monitoring_pb.DESCRIPTOR.services_by_name["MonitoringService"].full_name

_Request = TypeVar("_Request", bound=Message)
_One = TypeVar("_One", review_pb.ReviewRequest, monitoring_pb.AssessRequest)
_TOO_LARGE = grpc.StatusCode.RESOURCE_EXHAUSTED


def _decode(kind: type[_Request], data: bytes, language: Language) -> _Request:
    try:
        return kind.FromString(data)
    except DecodeError:
        name = kind.DESCRIPTOR.name
        raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "NOT_PROTOBUF", language, message=name) from None


class Handlers:
    """All methods over one backend."""

    def __init__(self, backend: Backend, settings: Settings, metrics: Metrics, log: LineLog) -> None:
        self._backend = backend
        self._log = log
        self._settings = settings
        self._log_answers = log.enabled("info")
        self._account = Account(metrics)
        self._batch_results = metrics.batch_results.add
        self._batch_items = metrics.batch_items.labels("ReviewBatch").observe

    def services(self) -> Mapping[str, Mapping[str, Handler]]:
        """The handlers by service and method."""
        return {
            REVIEW: {"Review": self.review, "ReviewBatch": self.review_batch},
            MONITORING: {"Assess": self.assess},
            LIBRARY: {"LookUp": self.look_up},
        }

    async def review(self, data: bytes, call: Call) -> bytes:
        """Review one application."""
        ask = attrgetter("review_async")
        return await self._one(review_pb.ReviewRequest, data, call, ask, self._account.review)

    async def assess(self, data: bytes, call: Call) -> bytes:
        """Assess one report."""
        ask = attrgetter("assess_async")
        return await self._one(monitoring_pb.AssessRequest, data, call, ask, self._account.assess)

    async def look_up(self, data: bytes, call: Call) -> bytes:
        """Look up core indicators; it asks dictionaries only, so it takes no turns with others."""
        self._check_size(len(data))
        request = _decode(library_pb.LookUpRequest, data, call.language)
        call.language = language_of(request.context)
        call.fields["request_id"] = plain_id(request.context.request_id)
        try:
            answer = await self._reviewer(call).look_up_async(request, len(data))
        except api.RulesError as error:
            raise refusal_of(error, call.language, classified=False) from error
        if self._log_answers:
            stamp = answer.stamp
            call.fields |= {"region": stamp.region_chain[-1], "bundle": stamp.hash[:12]}
            call.fields["found"] = answer.total_count
        encoded: bytes = answer.SerializeToString()
        return encoded

    async def _one(
        self,
        kind: type[_One],
        data: bytes,
        call: Call,
        ask: Callable[[Reviewer], Callable[[_One, int], Awaitable[Any]]],
        account: Callable[[Any], None],
    ) -> bytes:
        """Decode, ask the reviewer, count, and tell the log."""
        self._check_size(len(data))
        request = _decode(kind, data, call.language)
        call.language = language_of(request.context)
        classified, request_id = request.project.classified, request.context.request_id
        reviewer = self._reviewer(call)
        try:
            answer = await ask(reviewer)(request, len(data))
        except api.RulesError as error:
            if not classified:
                call.fields["request_id"] = plain_id(request_id)
            raise refusal_of(error, call.language, classified=classified) from error
        account(answer)
        if self._log_answers:
            call.fields = log_fields(request_id, answer, classified=classified)
        encoded: bytes = answer.SerializeToString()
        return encoded

    async def review_batch(self, data: bytes, call: Call) -> bytes:
        """Review many applications on one snapshot; each has a status, in the order of the requests."""
        envelope = _decode_batch(data, call.language)
        items = envelope.requests
        limit = self._settings.max_batch_items
        if len(items) > limit:
            raise Refusal(_TOO_LARGE, "BATCH_TOO_LONG", call.language, size=len(items), limit=limit)
        pin = _decode(review_pb.RulesetPin, envelope.pin, call.language)
        reviewer = self._reviewer(call)
        self._batch_items(len(items))
        results = ReviewBatchResults()
        add = results.results.append
        codes: dict[str, int] = {}
        size, slice_s = 0, self._settings.batch_slice_ms / 1000
        until = perf_counter() + slice_s
        for item in items:
            if perf_counter() > until:
                await asyncio.sleep(0)
                until = perf_counter() + slice_s
            call.check_deadline()
            result = await self._item(item, pin, reviewer)
            code = _CODE_NAMES[result.code]
            codes[code] = codes.get(code, 0) + 1
            encoded = result.SerializeToString()
            size += len(encoded)
            if size > self._settings.max_answer_bytes:
                most = self._settings.max_answer_bytes
                raise Refusal(_TOO_LARGE, "ANSWER_TOO_LARGE", call.language, limit=most)
            add(encoded)
        # Whoever has passed its deadline must not take a finished batch for an answer in time.
        call.check_deadline()
        for code, count in codes.items():
            self._batch_results(("ReviewBatch", code), count)
        call.fields = {"items": len(items), "item_codes": codes}
        answer: bytes = results.SerializeToString()
        return answer

    async def _item(
        self, data: bytes, pin: review_pb.RulesetPin, reviewer: Reviewer
    ) -> review_pb.ReviewBatchResult:
        language: Language = "zh"
        classified = False
        try:
            self._check_size(len(data))
            request = _decode(review_pb.ReviewRequest, data, language)
            context, classified = request.context, request.project.classified
            language = language_of(context)
            pinned = pin.ByteSize()
            if pinned:
                _pin(context, pin, language)
            answer = await reviewer.review_async(request, len(data) + pinned)
        except Refusal as refusal:
            return _failed(refusal)
        except api.RulesError as error:
            return _failed(refusal_of(error, language, classified=classified))
        except Exception as error:  # noqa: BLE001 - one item's fault must not cost the others their answers
            return _failed(internal(error, self._log, language))
        self._account.review(answer)
        return review_pb.ReviewBatchResult(response=answer)

    def _reviewer(self, call: Call) -> Reviewer:
        reviewer = self._backend.reviewer()
        if reviewer is None:
            raise Refusal(grpc.StatusCode.UNAVAILABLE, "NO_BUNDLE", call.language)
        return reviewer

    def _check_size(self, size: int) -> None:
        limit = self._settings.max_request_bytes
        if size > limit:
            raise Refusal(_TOO_LARGE, "REQUEST_TOO_LARGE", "zh", size=size, limit=limit)


_CODE_NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


def _decode_batch(data: bytes, language: Language) -> Any:
    try:
        return ReviewBatchEnvelope.FromString(data)
    except DecodeError:
        raise Refusal(
            grpc.StatusCode.INVALID_ARGUMENT, "NOT_PROTOBUF", language, message="ReviewBatchRequest"
        ) from None


def _pin(context: review_pb.RequestContext, pin: review_pb.RulesetPin, language: Language) -> None:
    """Let the batch's pin hold for an item, which may repeat it but not differ."""
    if context.HasField("pin") and context.pin != pin:
        mismatch = FieldError("context.pin", "PIN_MISMATCH", text("PIN_MISMATCH", language))
        raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", language, [mismatch])
    context.pin.CopyFrom(pin)


def _failed(refusal: Refusal) -> review_pb.ReviewBatchResult:
    return review_pb.ReviewBatchResult(
        code=refusal.code.value[0],
        message=refusal.message,
        violations=[
            review_pb.FieldViolation(field=v.path, description=v.description, code=v.code)
            for v in refusal.violations
        ],
    )
