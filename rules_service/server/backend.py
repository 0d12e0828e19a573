"""What the handlers ask for answers, and how its errors become statuses."""

from __future__ import annotations

from typing import Protocol

import grpc

from rules_service import api
from rules_service.facts.violation_texts import violation_text
from rules_service.pb.budget.rules.v1.library_service_pb2 import LookUpRequest, LookUpResponse
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest, AssessResponse
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest, ReviewResponse
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.words import Language

__all__ = ["Backend", "Reviewer", "refusal_of"]


class Reviewer(Protocol):
    """Answers requests, all from one snapshot of the bundles; raises ``api.RulesError``."""

    async def review_async(self, request: ReviewRequest, size: int | None = None) -> ReviewResponse:
        """Review one application of ``size`` bytes."""
        ...

    async def assess_async(self, request: AssessRequest, size: int | None = None) -> AssessResponse:
        """Assess one report of ``size`` bytes."""
        ...

    async def look_up_async(self, request: LookUpRequest, size: int | None = None) -> LookUpResponse:
        """Look up core indicators."""
        ...


class Backend(Protocol):
    """Where the handlers get a reviewer for each call."""

    def reviewer(self) -> Reviewer | None:
        """The reviewer over the bundles that are live now; None while there is no valid bundle."""
        ...


_SELECTION = {
    api.NotFound: (grpc.StatusCode.NOT_FOUND, "UNKNOWN_PIN"),
    api.PinContradiction: (grpc.StatusCode.INVALID_ARGUMENT, "PIN_CONTRADICTION"),
    api.UnknownRegion: (grpc.StatusCode.INVALID_ARGUMENT, "UNKNOWN_REGION"),
    api.NotReady: (grpc.StatusCode.UNAVAILABLE, "NO_BUNDLE"),
}


def refusal_of(error: api.RulesError, language: Language, *, classified: bool) -> Refusal:
    """The status that tells the caller of an error of its own.

    Texts of violations quote faulty values; those of a classified project are not repeated even to its
    caller, who gets paths and codes.
    """
    if isinstance(error, api.InvalidRequest):
        violations = [
            FieldError(fault.path, fault.code, fault.code if classified else violation_text(fault, language))
            for fault in error.violations
        ]
        return Refusal(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST", language, violations)
    for kind, (code, reason) in _SELECTION.items():
        if isinstance(error, kind):
            text = reason if classified else error.text(language)
            return Refusal(code, reason, language, [FieldError(error.field, reason, text)])
    raise error
