"""Two versions that answer the same requests, through the same API as every other path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

from rules_service import api
from rules_service.authoring.diff_sides import speaker
from rules_service.authoring.history_files import Line, Refused
from rules_service.authoring.impact_rows import Fact, Reason, Row, Standing
from rules_service.authoring.request_text import ExtraDataError, RequestTextError, item_of, parse, to_message
from rules_service.authoring.same_rules import SameRules
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.view import View
from rules_service.pb.budget.rules.v1 import monitoring_service_pb2 as monitoring_pb
from rules_service.pb.budget.rules.v1 import result_pb2 as result_pb
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb
from rules_service.values.dates import parse_date

__all__ = ["Pair", "Setting"]

_REPORT_FIELDS: Final = ("report", "goals", "history", "scheduledCheckpoints", "scheduled_checkpoints")
_REPORT_ANSWERS: Final = ("level", "historyEntries", "history_entries")
_Answer = Any  # ReviewResponse or AssessResponse: their findings and stamps are alike
_Request = review_pb.ReviewRequest | monitoring_pb.AssessRequest


@dataclass(frozen=True, slots=True)
class Setting:
    """How both versions are asked.

    ``evaluated_on`` is the day of evaluation of requests that name none; ``region`` limits the projects to
    a place and those below it; ``skip`` saves the second answer where both versions are the same by
    construction.  ``rule_date`` asks for the rules of one day, whatever day a request is of: changes that
    begin in the future show in the history only so.
    """

    evaluated_on: str
    language: str = "zh"
    region: str = ""
    skip: bool = True
    rule_date: str = ""


class Pair:
    """Asks two bundles; close it at the end."""

    def __init__(self, old: Bundle, new: Bundle, setting: Setting) -> None:
        self._setting = setting
        self._texts = Texts(setting.language)
        self._closing = ExitStack()
        self._bundles = old, new
        rules = [self._closing.enter_context(api.Rules.of(bundle)) for bundle in self._bundles]
        self._askers = rules[0].snapshot(), rules[1].snapshot()
        self._same = SameRules(*self._bundles)
        self._changed: dict[tuple[str, int | None, str, int | None, str], tuple[str, ...]] = {}

    def __enter__(self) -> Pair:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def row(self, line: Line) -> Row | Refused | None:
        """What becomes of a line; ``None`` if it is of a place that was not asked for."""
        try:
            request, recorded = self._request(line)
        except RequestTextError as error:
            return Refused(line.place, error.key, {key: str(value) for key, value in error.values.items()})
        try:
            if not self._is_asked_for(request):
                return None
            old = self._ask(0, request)
            stamp = old.stamp
            same = self._setting.skip and self._same.holds(
                tuple(stamp.region_chain), parse_date(stamp.rule_date), _service(request)
            )
            new = old if same else self._ask(1, request)
        except api.RulesError as error:
            why = error.text(self._setting.language)
            return Refused(line.place, "input.refused", {"place": line.place, "why": why})
        return self._row(line, request, (old, new), recorded, same=same)

    def _request(self, line: Line) -> tuple[_Request, str]:
        """The request of a line with its dates pinned as both versions get it, and the recorded result."""
        try:
            document = item_of(line.place, parse(line.text, line.place)).document
        except ExtraDataError:
            raise RequestTextError("input.extra", place=line.place) from None
        answer: Mapping[str, Any] = {}
        if "request" in document:
            given = document.get("response", {})
            answer = given if isinstance(given, dict) else {}
            document = item_of(line.place, document["request"]).document
        of_report = any(name in document for name in _REPORT_FIELDS) or any(
            name in answer for name in _REPORT_ANSWERS
        )
        kind = monitoring_pb.AssessRequest if of_report else review_pb.ReviewRequest
        request = to_message(kind, item_of(line.place, document))
        assert isinstance(request, _Request)
        context = request.context
        stamp = answer.get("stamp")
        if isinstance(stamp, dict):
            known = to_message(result_pb.Stamp, item_of(line.place, stamp))
            context.rule_date, context.evaluated_on = known.rule_date, known.evaluated_on
            if not of_report:
                context.as_of = known.as_of
        if self._setting.rule_date:
            context.rule_date, answer = self._setting.rule_date, {}
        context.ClearField("pin")
        context.evaluated_on = context.evaluated_on or self._setting.evaluated_on
        context.detail = review_pb.FINDING_DETAIL_FAILING
        context.language = review_pb.LANGUAGE_EN if self._setting.language == "en" else review_pb.LANGUAGE_ZH
        return request, str(answer.get("level" if of_report else "decision", ""))

    def _is_asked_for(self, request: _Request) -> bool:
        if not self._setting.region:
            return True
        bundle, named = self._bundles[0], request.project.region_code
        if not named or not bundle.holds(named):
            return True  # the answer says what is wrong with it
        return bundle.region(self._setting.region) in bundle.regions.chain(bundle.region(named))

    def _ask(self, side: int, request: _Request) -> _Answer:
        asker = self._askers[side]
        if isinstance(request, review_pb.ReviewRequest):
            return asker.review(request)
        return asker.assess(request)

    def _row(
        self, line: Line, request: _Request, answers: tuple[_Answer, _Answer], recorded: str, *, same: bool
    ) -> Row:
        old, new = answers
        facts = _facts(old), _facts(new)
        standing = _standing(old), _standing(new)
        project = request.project
        hidden = project.classified
        amount = line.amount_fen if line.amount_fen is not None else _amount(request)
        department = line.department or project.dept_code or project.agency_code
        return Row(
            place=line.place,
            service=_service(request),
            region=old.stamp.region_chain[-1],
            department=self._texts("impact.classified") if hidden else department,
            amount_fen=None if hidden else amount,
            old=standing[0],
            new=standing[1],
            gained=tuple(_less(facts[1], facts[0])),
            lost=tuple(_less(facts[0], facts[1])),
            reasons=tuple(self._reasons(request, answers, facts)) if standing[0] != standing[1] else (),
            same=same,
            differs_from_record=bool(recorded)
            and recorded.rpartition("_")[2] != standing[0].word.rpartition("_")[2],
        )

    def _reasons(
        self, request: _Request, answers: tuple[_Answer, _Answer], facts: tuple[Counter[_Key], Counter[_Key]]
    ) -> Iterator[Reason]:
        """The rules whose findings changed, with what the failing side says and what changed in them."""
        old, new = ({key[0] for key in one} for one in facts)
        titles = {finding.rule_id: finding.title for answer in answers for finding in answer.findings}
        for rule in sorted(old | new):
            before, after = (self._short(rule, one) for one in facts)
            if before == after:
                continue
            failing = next(
                (f for answer in reversed(answers) for f in answer.findings if f.rule_id == rule), None
            )
            message = "" if failing is None or request.project.classified else failing.message
            yield Reason(rule, titles[rule], before, after, message, self._parameters(request, rule))

    def _short(self, rule: str, facts: Counter[_Key]) -> str:
        said = []
        for (name, outcome, level), count in sorted(facts.items()):
            if name == rule:
                word = (
                    self._texts(f"level.{level}") if outcome == "FAIL" else self._texts(f"outcome.{outcome}")
                )
                said.append(word if count == 1 else self._texts("impact.times", word=word, count=count))
        return self._texts.list(said)

    def _parameters(self, request: _Request, rule: str) -> tuple[str, ...]:
        """The parameters of a rule whose values differ at the request's place and date, old → new."""
        old, new = (asker.view(request) for asker in self._askers)
        key = (old.layer, old.rule_from, new.layer, new.rule_from, rule)
        if key not in self._changed:
            self._changed[key] = tuple(self._differing(old, new, rule))
        return self._changed[key]

    def _differing(self, old: View, new: View, rule: str) -> Iterator[str]:
        names = dict.fromkeys(
            name
            for view in (old, new)
            for check in (*view.checks, *(one.check for one in view.inactive))
            if check.id == rule
            for name in check.parameters
        )
        speakers = [
            speaker(bundle, view, self._setting.language)
            for bundle, view in zip(self._bundles, (old, new), strict=True)
        ]
        for name in names:
            before, after = old.parameters.get(name), new.parameters.get(name)
            known = after or before
            assert known is not None
            said = [
                self._texts("diff.empty") if value is None or value.is_empty else one.value(value)
                for one, value in zip(speakers, (before, after), strict=True)
            ]
            if said[0] != said[1]:
                title = known.title.text(self._setting.language)
                yield self._texts("impact.parameter", title=title, before=said[0], after=said[1])


_Key = tuple[str, str, str]
"""Rule, outcome and level of a finding."""


def _service(request: _Request) -> str:
    return "review" if isinstance(request, review_pb.ReviewRequest) else "assess"


def _facts(answer: _Answer) -> Counter[_Key]:
    return Counter(
        (
            finding.rule_id,
            result_pb.Outcome.Name(finding.outcome).removeprefix("OUTCOME_"),
            result_pb.Severity.Name(finding.severity).removeprefix("SEVERITY_"),
        )
        for finding in answer.findings
    )


def _less(these: Counter[_Key], others: Counter[_Key]) -> Iterator[Fact]:
    for key, count in sorted((these - others).items()):
        yield Fact(*key, count)


def _standing(answer: _Answer) -> Standing:
    if isinstance(answer, review_pb.ReviewResponse):
        word = result_pb.Decision.Name(answer.decision).removeprefix("DECISION_")
        grade, label = answer.verdict.grade, answer.verdict.label
        return Standing(word, label if label.startswith(grade) else f"{grade} {label}")
    return Standing(result_pb.Severity.Name(answer.level).removeprefix("SEVERITY_"), "")


def _amount(request: _Request) -> int | None:
    """What is requested, or of a report without it the initial budget."""
    if request.project.HasField("requested_fen"):
        return request.project.requested_fen
    if isinstance(request, monitoring_pb.AssessRequest) and request.report.HasField("original_budget_fen"):
        return request.report.original_budget_fen
    return None
