"""Asks one rule about many requests, and says of each what it shows of the rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rules_service.authoring.atoms import Atoms, Goal
from rules_service.authoring.cases import Cases
from rules_service.authoring.in_force import Station
from rules_service.authoring.recorder import Recorder, recording
from rules_service.authoring.request_edits import copied
from rules_service.compile.view import View, ViewCheck
from rules_service.engine.prepared import Prepared
from rules_service.facts.limits import Limits
from rules_service.facts.source import Request, request_dates
from rules_service.facts.structure import violations
from rules_service.language.program import FAIL, INDETERMINATE, NOT_APPLICABLE, PASS, Trace
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.review_service_pb2 import FINDING_DETAIL_ALL, ReviewRequest
from rules_service.values.dates import date_text, parse_date

__all__ = ["Judgement", "Probe", "Sight"]

_INDEX: Final = re.compile(r"\[(\d+)\]")
_OUTCOMES: Final = {
    result_pb2.OUTCOME_PASS: "PASS",
    result_pb2.OUTCOME_FAIL: "FAIL",
    result_pb2.OUTCOME_NOT_APPLICABLE: "NOT_APPLICABLE",
    result_pb2.OUTCOME_INDETERMINATE: "INDETERMINATE",
}
_CODES: Final = {PASS: "PASS", FAIL: "FAIL", NOT_APPLICABLE: "NOT_APPLICABLE", INDETERMINATE: "INDETERMINATE"}
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule says of one subject: outcome, level, reason, and the path of the finding."""

    outcome: str
    severity: str
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What a request shows on one subject: the goals, what the rule says, and in which state it was."""

    goals: frozenset[Goal]
    said: Judgement
    state: tuple[Any, ...]


class Probe:
    """Asks about one rule as it stands at a station."""

    def __init__(self, cases: Cases, rule: str, station: Station) -> None:
        self._cases = cases
        self._rule = rule
        self._region, self._day = station
        self._only = cases.in_force.asked(frozenset({rule}))
        self.view = cases.resolver.part(*station, self._only)
        self.check = next(check for check in self.view.checks if check.id == rule)
        self.parameters = {name: self.view.parameters[name].value for name in self.view.parameters}
        self.atoms = Atoms(self.check, self.parameters)
        self._recorders: dict[int, tuple[View, Prepared, Recorder] | None] = {}
        self.asked = 0

    def fitted(self, request: Request) -> Request:
        """The request as one of this region, with everything told.

        It keeps its own day where the rule is then the same, and else gets this one.
        """
        copy = copied(request)
        copy.project.region_code = self._region
        copy.context.detail = FINDING_DETAIL_ALL
        copy.context.ClearField("pin")
        copy.context.ClearField("families")
        copy.context.ClearField("verdict_map")
        if not copy.context.evaluated_on:
            copy.context.evaluated_on = date_text(self._day)
        day = request_dates(copy).rule_date
        if day is None or not self.holds(day):
            copy.context.rule_date = date_text(self._day)
        return copy

    def holds(self, day: int) -> bool:
        """Whether the rule is the same on another day."""
        return self._ready(day) is not None

    def _ready(self, day: int) -> tuple[View, Prepared, Recorder] | None:
        """What answers on a day; nothing where the rule is another then."""
        view = self._cases.resolver.part(self._region, day, self._only)
        if id(view) not in self._recorders:
            same = any(self._is_same(view, check) for check in view.checks)
            self._recorders[id(view)] = self._recording(view) if same else None
        return self._recorders[id(view)]

    def _is_same(self, view: View, check: ViewCheck) -> bool:
        own = self.check
        return (
            check.unit is own.unit
            and check.severities == own.severities
            and view.fact_context is self.view.fact_context
            and all(view.parameters[name].value == self.parameters[name] for name in own.parameters)
        )

    def _recording(self, view: View) -> tuple[View, Prepared, Recorder]:
        made, recorder = recording(view, self._rule, self.atoms.hidden)
        return view, self._cases.ready(made), recorder

    def see(self, request: Request) -> tuple[Sight, ...] | None:
        """What a request shows, by subject; ``None`` if it is no request, or of another day."""
        self.asked += 1
        day = request_dates(request).rule_date
        told = request.project.region_code and request.context.evaluated_on
        if day is None or not told or violations(request, _LIMITS, None):
            return None
        ready = self._ready(day)
        if ready is None:
            return None
        _, prepared, recorder = ready
        recorder.traces.clear()
        recorder.places.clear()
        engine, evaluated_on = self._cases.engine, parse_date(request.context.evaluated_on)
        answer = (
            engine.review(prepared, request, evaluated_on)
            if isinstance(request, ReviewRequest)
            else engine.assess(prepared, request, evaluated_on)
        )
        findings = {}
        for finding in answer.findings:
            if finding.rule_id == self._rule:
                findings[tuple(map(int, _INDEX.findall(finding.path)))] = finding
        return tuple(self._sights(recorder, findings))

    def _sights(
        self, recorder: Recorder, findings: Mapping[tuple[int, ...], result_pb2.Finding]
    ) -> Iterator[Sight]:
        for indices, trace in zip(recorder.places, recorder.traces, strict=True):
            found = next((one for key, one in findings.items() if key[: len(indices)] == indices), None)
            if found is None or found.outcome not in _OUTCOMES:
                continue
            outcome = _OUTCOMES[found.outcome]
            if outcome != _CODES[trace.outcome]:
                continue  # exempted
            severity = (
                result_pb2.Severity.Name(found.severity).removeprefix("SEVERITY_") if found.severity else ""
            )
            said = Judgement(outcome, severity, found.reason_code, found.path)
            yield Sight(
                self.atoms.shown(trace), said, (outcome, severity, found.reason_code, *self._state(trace))
            )

    def _state(self, trace: Trace) -> tuple[Any, ...]:
        return tuple(trace.let_values[len(trace.let_values) - len(self.atoms.hidden) :])
