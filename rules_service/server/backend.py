"""What the handlers ask for answers, and how its errors become statuses."""

from __future__ import annotations

from typing import Protocol

import grpc

from rules_service import api
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.server.refusals import FieldError, Refusal

__all__ = ["Backend", "Reviewer", "refusal_of"]


class Reviewer(Protocol):
    """Answers requests, all from one snapshot of the bundles."""

    async def review_async(self, request: review_pb.ReviewRequest) -> review_pb.ReviewResponse:
        """Review one application."""
        ...

    async def assess_async(self, request: monitoring_pb.AssessRequest) -> monitoring_pb.AssessResponse:
        """Assess one report."""
        ...


class Backend(Protocol):
    """Where the handlers get a reviewer for each call."""

    def reviewer(self) -> Reviewer | None:
        """The reviewer over the bundles that are live now; None while there is no valid bundle."""
        ...


def refusal_of(error: api.RulesError, language: str) -> Refusal:
    """The status that tells the caller of an error of its own."""
    code, reason = grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST"
    violations: list[FieldError] = []
    if isinstance(error, api.InvalidRequest):
        violations = [FieldError(v.path, v.code, v.text(language)) for v in error.violations]
    elif isinstance(error, api.NotFound):
        code, reason = grpc.StatusCode.NOT_FOUND, "UNKNOWN_PIN"
    elif isinstance(error, api.PinContradiction):
        reason = "PIN_CONTRADICTION"
    elif isinstance(error, api.UnknownRegion):
        reason = "UNKNOWN_REGION"
    else:
        raise error
    return Refusal(code, reason, language, violations)
