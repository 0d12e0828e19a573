"""Fakes of the rules behind the service: they answer by the project's name, as a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules_service import api
from rules_service.facts.structure import Violation
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.registry.errors import PinContradictionError, UnknownPinError, UnknownRegionError


class FakeReviewer:
    """Answers by the project's name: what a test wants to happen."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.on_call: Callable[[str], Any] = lambda _name: None

    def snapshot(self) -> FakeReviewer:
        return self

    async def review_async(
        self, request: review_pb.ReviewRequest, _size: int | None = None
    ) -> review_pb.ReviewResponse:
        name = request.project.project_name
        self.calls.append(name)
        waiting = self.on_call(name)
        if waiting is not None:
            await waiting
        if name == "invalid":
            raise api.InvalidRequest(
                [
                    Violation("project.a", "DECIMAL_SYNTAX", {"value": request.project.content_text}),
                    Violation("project.b", "PROJECT_MISSING"),
                ]
            )
        if name == "many":
            raise api.InvalidRequest(
                [Violation(f"project.goals[0].indicators[{n}].weight", "LINK_BLANK") for n in range(10_000)]
            )
        if name == "unknown pin":
            raise api.NotFound(UnknownPinError("PIN-UNKNOWN", "context.pin", pin="x"))
        if name == "contradiction":
            raise api.PinContradiction(
                PinContradictionError("PIN-REGION", "context.pin", pin="x", region="y")
            )
        if name == "unknown region":
            raise api.UnknownRegion(UnknownRegionError("REGION-UNKNOWN", "project.region_code", region="x"))
        if name == "fault":
            raise KeyError(request.project.content_text)
        finding = result_pb2.Finding(
            rule_id="CMP-09",
            outcome=result_pb2.OUTCOME_FAIL,
            severity=result_pb2.SEVERITY_RETURN,
            message=name,
        )
        unknown = result_pb2.Finding(
            rule_id="GATE-01",
            outcome=result_pb2.OUTCOME_INDETERMINATE,
            missing=[result_pb2.MissingFact(name="goal.goal_text", reason="NOT_SENT")],
        )
        return review_pb.ReviewResponse(
            request_id=request.context.request_id,
            decision=result_pb2.DECISION_RETURN,
            findings=[finding, unknown],
            tally=result_pb2.Tally(passed=3, failed=1, indeterminate=1),
            stamp=result_pb2.Stamp(bundle="base", version="1", hash="f" * 64, region_chain=["全国", "湖南"]),
            digest="d" * 64,
        )

    async def assess_async(
        self, request: monitoring_pb.AssessRequest, _size: int | None = None
    ) -> monitoring_pb.AssessResponse:
        return monitoring_pb.AssessResponse(
            request_id=request.context.request_id,
            level=result_pb2.SEVERITY_RED,
            stamp=result_pb2.Stamp(region_chain=["全国"]),
        )


class FakeBackend:
    """Gives the fake, or what a test puts in its place; None is no valid bundle."""

    def __init__(self, rules: Any = None) -> None:
        self.rules: Any = rules or FakeReviewer()

    def reviewer(self) -> Any:
        return self.rules.snapshot() if self.rules is not None else None
