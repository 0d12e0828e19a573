"""Review and monitoring: request and view to answer, pure but for the concluder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rules_service import __version__
from rules_service.compile.view import ViewCheck
from rules_service.engine.conclude import Concluded, Concluder, DecisionFact, DecisionSet, sorted_facts
from rules_service.engine.decide import Counted, Decided, decide, decision_facts
from rules_service.engine.digest import digest
from rules_service.engine.explain import Explained, Explainer
from rules_service.engine.history import History, HistoryContext
from rules_service.engine.prepared import Language, Prepared, Service
from rules_service.facts.exemption import NO_EXEMPTION, ExemptionState
from rules_service.facts.extract import FactSet
from rules_service.facts.source import Request, Source, request_dates
from rules_service.language.program import (
    FAIL,
    INDETERMINATE,
    NO_SECTION,
    NO_SUBJECT,
    NOT_APPLICABLE,
    PASS,
    Hit,
)
from rules_service.pb.budget.rules.v1 import (
    monitoring_service_pb2,
    report_pb2,
    result_pb2,
    review_service_pb2,
)
from rules_service.values.dates import date_text
from rules_service.values.outcomes import Decision, Outcome, Severity

__all__ = ["Engine", "Fault", "Work"]

Answer = TypeVar("Answer", review_service_pb2.ReviewResponse, monitoring_service_pb2.AssessResponse)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of ours: where it happened and what it was; without any text of the request.

    ``rule`` is the check that failed; blank where reading the facts or a whole stratum failed, so that all
    its checks answer ERROR.
    """

    rule: str
    error: BaseException


@dataclass(slots=True)
class Work(Generic[Answer]):
    """An evaluated request that waits for its conclusions: ask ``question``, then ``finish``."""

    question: tuple[DecisionSet, tuple[DecisionFact, ...]]
    finish: Callable[[Concluded], Answer]


@dataclass(slots=True)
class _State:
    """What is known of one answer while its checks are evaluated."""

    explained: list[tuple[int, Explained]] = field(default_factory=list)
    passed: dict[str, int] = field(default_factory=dict)
    not_applicable: dict[str, int] = field(default_factory=dict)
    no_subject: set[str] = field(default_factory=set)
    outcomes: dict[str, set[Outcome]] = field(default_factory=dict)
    tally: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    def add(self, number: int, one: Explained, *, shown: bool = True) -> None:
        """Count a finding, and keep it for the answer if it is to be shown."""
        self.tally[one.counted.outcome] += 1
        self.outcomes.setdefault(one.counted.rule, set()).add(one.counted.outcome)
        if shown:
            self.explained.append((number, one))

    def current(self, rule: str) -> str | None:
        """The outcome of a rule in this answer for checks that ask; None while it is undecided."""
        outcomes = self.outcomes.get(rule, set())
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL.value
        if outcomes & {Outcome.ERROR, Outcome.INDETERMINATE}:
            return None
        for outcome in (Outcome.PASS, Outcome.EXEMPT):
            if outcome in outcomes:
                return outcome.value
        return Outcome.NOT_APPLICABLE.value


class Engine:
    """Evaluates requests on prepared views; one engine serves all threads.

    ``on_fault`` hears of every error of ours (a bug in a fact, a check or a message): the check then
    answers ERROR, which a review turns into MANUAL.
    """

    def __init__(self, concluder: Concluder, on_fault: Callable[[Fault], None] | None = None) -> None:
        self._concluder = concluder
        self._on_fault = on_fault

    def review(
        self, prepared: Prepared, request: review_service_pb2.ReviewRequest, evaluated_on: int
    ) -> review_service_pb2.ReviewResponse:
        """The answer to a structurally valid request; ``evaluated_on`` is a day number."""
        work = self.begin_review(prepared, request, evaluated_on)
        return work.finish(self._concluder.conclude(*work.question))

    def assess(
        self, prepared: Prepared, request: monitoring_service_pb2.AssessRequest, evaluated_on: int
    ) -> monitoring_service_pb2.AssessResponse:
        """The answer to a structurally valid request; ``evaluated_on`` is a day number."""
        work = self.begin_assess(prepared, request, evaluated_on)
        return work.finish(self._concluder.conclude(*work.question))

    def begin_review(
        self, prepared: Prepared, request: review_service_pb2.ReviewRequest, evaluated_on: int
    ) -> Work[review_service_pb2.ReviewResponse]:
        """Evaluate all checks of a review; the conclusions are still to be asked for."""
        facts, fault = _facts(prepared.extractor.review, request)
        run = _Run(prepared, "review", facts, self._on_fault)
        state = run.evaluate(None) if fault is None else run.failed(fault)
        return Work(
            run.question(state, []),
            lambda concluded: run.review_response(request, state, concluded, evaluated_on),
        )

    def begin_assess(
        self, prepared: Prepared, request: monitoring_service_pb2.AssessRequest, evaluated_on: int
    ) -> Work[monitoring_service_pb2.AssessResponse]:
        """Evaluate all checks of a report; the conclusions are still to be asked for."""
        facts, fault = _facts(prepared.extractor.assess, request)
        history = None
        if facts.has_history:
            history = History.read(
                request.history, request.scheduled_checkpoints, request.report.checkpoint_id
            )
        run = _Run(prepared, "assess", facts, self._on_fault)
        state = run.evaluate(history) if fault is None else run.failed(fault)
        return Work(
            run.question(state, history.facts(prepared.rules) if history is not None else []),
            lambda concluded: run.assess_response(request, state, concluded, evaluated_on),
        )


def _facts(read: Callable[[Any], FactSet], request: Request) -> tuple[FactSet, Exception | None]:
    """The facts of a request; with no fact in them, but its dates, where reading fails by a fault of ours."""
    try:
        return read(request), None
    except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
        is_review = isinstance(request, review_service_pb2.ReviewRequest)
        source = Source(request, frozenset(), frozenset(), request_dates(request), is_review)
        return FactSet((), None, NO_EXEMPTION, source), error


class _Run:
    """One request on one view."""

    def __init__(
        self,
        prepared: Prepared,
        service: Service,
        facts: FactSet,
        on_fault: Callable[[Fault], None] | None,
    ) -> None:
        context = facts.root.context
        self._prepared = prepared
        self._service = service
        self._facts = facts
        self._on_fault = on_fault
        self._language: Language = "en" if context.language == review_service_pb2.LANGUAGE_EN else "zh"
        self._all = context.detail == review_service_pb2.FINDING_DETAIL_ALL
        self._families = frozenset(context.families)
        self._explainer = Explainer(prepared, facts, self._language)

    # -- evaluation ------------------------------------------------------------------------------

    def evaluate(self, history: History | None) -> _State:
        """Run both strata and explain what needs explaining."""
        state = _State()
        lookup = HistoryContext(state.current, history)
        for stratum in (0, 1):
            if stratum == 0 or self._prepared.second_stratum[self._service]:
                self._stratum(stratum, state, lookup)
        state.explained.sort(key=lambda entry: entry[0])
        return state

    def failed(self, error: Exception) -> _State:
        """The state of a request whose facts a fault of ours kept from being read: every check is an ERROR."""
        state = _State()
        self._all_failed(self._prepared.checks[self._service], state, error)
        return state

    def _stratum(self, stratum: int, state: _State, lookup: HistoryContext) -> None:
        facts, view = self._facts, self._prepared.view
        # A claimed exemption turns passes into EXEMPT too, so each of them must be listed.
        listed = self._all or facts.exemption.state is not ExemptionState.NONE
        try:
            hits, passed, not_applicable = view.program.evaluate(
                stratum, facts.project, facts.report, view.P, lookup, listed, self._service
            )
        except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
            checks = self._prepared.checks[self._service]
            self._all_failed([check for check in checks if check.stratum == stratum], state, error)
            return
        for hit in hits:
            check = view.checks[hit[0]]
            if self._asked(check):
                self._hit(check, hit, state, lookup)
        if listed:
            return
        for check in self._prepared.checks[self._service]:
            if check.stratum == stratum and self._asked(check):
                self._count(check, passed[check.number], not_applicable[check.number], state)

    def _asked(self, check: ViewCheck) -> bool:
        return not self._families or check.family in self._families

    def _count(self, check: ViewCheck, passed: int, not_applicable: int, state: _State) -> None:
        """Count what the program did not list one by one."""
        if passed:
            state.passed[check.id] = passed
            state.tally[Outcome.PASS] += passed
            state.outcomes.setdefault(check.id, set()).add(Outcome.PASS)
        if not_applicable:
            state.not_applicable[check.id] = not_applicable
            state.tally[Outcome.NOT_APPLICABLE] += not_applicable
            state.outcomes.setdefault(check.id, set()).add(Outcome.NOT_APPLICABLE)

    def _hit(self, check: ViewCheck, hit: Hit, state: _State, lookup: HistoryContext) -> None:
        _, indices, code = hit
        try:
            self._explain(check, indices, code, state, lookup)
        except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
            self._fault(check, indices, state, error)

    def _fault(self, check: ViewCheck, indices: tuple[int, ...], state: _State, error: BaseException) -> None:
        self._report(check.id, error)
        state.add(check.number, self._explainer.error(check, indices))

    def _all_failed(self, checks: Iterable[ViewCheck], state: _State, error: BaseException) -> None:
        """One fault that is no single check's: told once, and an ERROR of each check asked for."""
        self._report("", error)
        for check in checks:
            if self._asked(check):
                state.add(check.number, self._explainer.error(check, ()))

    def _report(self, rule: str, error: BaseException) -> None:
        if self._on_fault is not None:
            self._on_fault(Fault(rule, error))

    def _explain(
        self,
        check: ViewCheck,
        indices: tuple[int, ...],
        code: int,
        state: _State,
        lookup: HistoryContext,
    ) -> None:
        explainer, number = self._explainer, check.number
        if code in (NOT_APPLICABLE, NO_SUBJECT):
            if code == NO_SUBJECT:
                state.no_subject.add(check.id)
            one = explainer.plain(check, indices, Outcome.NOT_APPLICABLE, absent=code == NO_SUBJECT)
            state.add(number, one, shown=self._all)
            return
        exempted = self._exempted(check)
        if exempted is ExemptionState.PROVEN:
            one = explainer.plain(check, indices, Outcome.EXEMPT, absent=code == NO_SECTION)
            state.add(number, one, shown=True)
        elif exempted is ExemptionState.UNPROVEN:
            state.add(number, explainer.unproven(check, indices, absent=code == NO_SECTION))
        elif code == NO_SECTION:
            state.add(number, explainer.without_section(check, indices))
        elif code == PASS and not self._all:
            state.add(number, explainer.plain(check, indices, Outcome.PASS), shown=False)
        else:
            view = self._prepared.view
            trace = view.program.explain(
                number, indices, self._facts.project, self._facts.report, view.P, lookup
            )
            say = {
                PASS: explainer.passed,
                FAIL: explainer.failed,
                INDETERMINATE: explainer.undecided,
            }[code]
            state.add(number, say(check, indices, trace))

    def _exempted(self, check: ViewCheck) -> ExemptionState:
        """Whether the claimed exemption exempts from this check; an unclear claim may concern it."""
        exemption = self._facts.exemption
        if exemption.state is ExemptionState.NONE or not check.exempt_for:
            return ExemptionState.NONE
        if exemption.reason is not None and exemption.reason not in check.exempt_for:
            return ExemptionState.NONE
        return exemption.state

    # -- conclusions -----------------------------------------------------------------------------

    def question(
        self, state: _State, history: Sequence[DecisionFact]
    ) -> tuple[DecisionSet, tuple[DecisionFact, ...]]:
        """What the concluders are asked."""
        counted = [one.counted for _, one in state.explained]
        facts = decision_facts(counted, any_pass=state.tally[Outcome.PASS] > 0)
        return self._prepared.decisions[self._service], sorted_facts([*facts, *history])

    def review_response(
        self,
        request: review_service_pb2.ReviewRequest,
        state: _State,
        concluded: Concluded,
        evaluated_on: int,
    ) -> review_service_pb2.ReviewResponse:
        """The finished answer to a review."""
        decided = decide(self._prepared.decision_documents, concluded)
        decision = self._decision(state, concluded, decided)
        response = review_service_pb2.ReviewResponse(
            request_id=request.context.request_id,
            decision=review_service_pb2.ReviewResponse.DESCRIPTOR.fields_by_name["decision"]
            .enum_type.values_by_name[f"DECISION_{decision.value}"]
            .number,
            findings=[one.finding for _, one in state.explained],
            unchecked=self._unchecked(state),
            tally=_tally(state),
            stamp=self._stamp(concluded, evaluated_on),
        )
        response.conclusions.extend(self._conclusions(decided))
        self._verdict(response.verdict, decision, state, concluded)
        response.digest = digest(response)
        return response

    def assess_response(
        self,
        request: monitoring_service_pb2.AssessRequest,
        state: _State,
        concluded: Concluded,
        evaluated_on: int,
    ) -> monitoring_service_pb2.AssessResponse:
        """The finished answer to a report."""
        decided = decide(self._prepared.decision_documents, concluded)
        counted = [one.counted for _, one in state.explained]
        level = _level(counted, decided)
        response = monitoring_service_pb2.AssessResponse(
            request_id=request.context.request_id,
            level=level.value if level is not None else 0,
            findings=[one.finding for _, one in state.explained],
            unchecked=self._unchecked(state),
            tally=_tally(state),
            stamp=self._stamp(concluded, evaluated_on),
        )
        open_ = _level_open(counted, level, disagreement=concluded.disagreement)
        if open_ is not None:
            response.level_open = open_.value
        response.recommended_actions.extend(self._actions(state, concluded, decided))
        response.conclusions.extend(self._conclusions(decided))
        if request.report.checkpoint_id and not request.project.classified:
            response.history_entries.extend(self._entries(request.report, state))
        response.digest = digest(response)
        for entry in response.history_entries:
            entry.digest = response.digest
        return response

    def _decision(self, state: _State, concluded: Concluded, decided: Decided) -> Decision:
        if self._families or self._facts.root.context.partial:
            return Decision.NOT_DECIDED
        if concluded.disagreement or decided.decision is None:
            return Decision.MANUAL
        return decided.decision

    def _verdict(
        self,
        verdict: result_pb2.Verdict,
        decision: Decision,
        state: _State,
        concluded: Concluded,
    ) -> None:
        view = self._prepared.view
        name = self._facts.root.context.verdict_map or view.verdict_map
        if name is None:
            return
        chosen = view.verdict_maps[name]
        verdict.map_id = chosen.id
        without_grade = decision is Decision.MANUAL and (
            concluded.disagreement or state.tally[Outcome.ERROR] > 0 or not _anything_checked(state)
        )
        if without_grade:
            verdict.label = chosen.ungraded.text(self._language)
            return
        entry = chosen.verdicts[decision.value]
        verdict.grade = entry.grade
        verdict.label = entry.label.text(self._language)

    def _conclusions(self, decided: Decided) -> list[result_pb2.Conclusion]:
        return [
            result_pb2.Conclusion(
                conclusion_id=document.id,
                title=document.title.text(self._language),
                decision=f"DECISION_{document.decision}" if document.decision else None,
                level=f"SEVERITY_{document.level}" if document.level else None,
                action=f"RECOMMENDED_ACTION_{document.action}" if document.action else None,
                from_rules=sorted({p.rule for p in fired.premises if p.kind in {"finding", "history"}}),
                from_conclusions=sorted({p.rule for p in fired.premises if p.kind == "conclusion"}),
                basis=[self._prepared.basis(basis, self._language) for basis in document.basis],
            )
            for document, fired in decided.fired
        ]

    def _actions(self, state: _State, concluded: Concluded, decided: Decided) -> list[int]:
        actions = [
            result_pb2.RecommendedAction.Value(f"RECOMMENDED_ACTION_{action.value}")
            for action in decided.actions
        ]
        actions += [action for _, one in state.explained for action in one.finding.recommended_actions]
        if concluded.disagreement or state.tally[Outcome.ERROR]:
            actions.append(result_pb2.RECOMMENDED_ACTION_ASK_HUMAN)
        return list(dict.fromkeys(actions))

    def _entries(self, report: report_pb2.MonitoringReport, state: _State) -> list[report_pb2.HistoryEntry]:
        """What the host sends back as history at the next checkpoint."""
        levels: dict[str, int] = {}
        for _, one in state.explained:
            if one.counted.outcome is Outcome.FAIL and one.counted.severity is not None:
                rule = one.counted.rule
                levels[rule] = max(levels.get(rule, 0), one.counted.severity.value)
        entries = []
        for rule in state.outcomes:
            outcome = state.current(rule) or Outcome.INDETERMINATE.value
            level = Severity(levels[rule]).name if outcome == Outcome.FAIL.value else ""
            entries.append(
                report_pb2.HistoryEntry(
                    checkpoint_id=report.checkpoint_id,
                    as_of=report.as_of,
                    revision=report.revision if report.HasField("revision") else None,
                    rule_id=rule,
                    outcome=outcome,
                    level=level,
                )
            )
        return sorted(entries, key=lambda entry: entry.rule_id)

    # -- what was not checked, counts and stamp ----------------------------------------------------

    def _unchecked(self, state: _State) -> list[result_pb2.Unchecked]:
        listed = [
            self._prepared.unchecked(inactive.check, inactive.reason, self._language)
            for inactive in self._prepared.view.inactive
            if inactive.check.service == self._service
        ]
        for check in self._prepared.checks[self._service]:
            if not self._asked(check):
                listed.append(self._prepared.unchecked(check, "NOT_REQUESTED", self._language))
            elif state.outcomes.get(check.id, set()) <= {Outcome.NOT_APPLICABLE}:
                reason = "NO_SUBJECT" if check.id in state.no_subject else "NOT_APPLICABLE"
                listed.append(self._prepared.unchecked(check, reason, self._language))
        return sorted(listed, key=lambda entry: entry.rule_id)

    def _stamp(self, concluded: Concluded, evaluated_on: int) -> result_pb2.Stamp:
        dates = self._facts.dates
        view = self._prepared.view
        return result_pb2.Stamp(
            bundle=view.bundle_id,
            version=view.version,
            hash=view.hash,
            region_chain=view.region_chain,
            layer=view.layer,
            engine_version=__version__,
            rule_date="" if dates.rule_date is None else date_text(dates.rule_date),
            as_of="" if dates.as_of is None else date_text(dates.as_of),
            evaluated_on=date_text(evaluated_on),
            concluded_by=concluded.by,
        )


def _tally(state: _State) -> result_pb2.Tally:
    counts: Mapping[Outcome, int] = state.tally
    return result_pb2.Tally(
        passed=counts[Outcome.PASS],
        failed=counts[Outcome.FAIL],
        not_applicable=counts[Outcome.NOT_APPLICABLE],
        exempt=counts[Outcome.EXEMPT],
        indeterminate=counts[Outcome.INDETERMINATE],
        error=counts[Outcome.ERROR],
    )


def _anything_checked(state: _State) -> bool:
    checked = (Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE, Outcome.EXEMPT)
    return any(state.tally[outcome] for outcome in checked)


def _level(counted: Sequence[Counted], decided: Decided) -> Severity | None:
    levels = [one.severity for one in counted if one.outcome is Outcome.FAIL and one.severity is not None]
    if decided.level is not None:
        levels.append(decided.level)
    alerts = [level for level in levels if level is not Severity.INFO]
    return max(alerts, default=None)


def _level_open(counted: Sequence[Counted], level: Severity | None, *, disagreement: bool) -> Severity | None:
    """The highest level that missing data, or a fault of ours, leaves possible above the one found."""
    levels = [
        one.severity if one.outcome in {Outcome.INDETERMINATE, Outcome.ERROR} else one.severity_open
        for one in counted
    ]
    possible = [one for one in levels if one is not None and one is not Severity.INFO]
    if disagreement:
        possible.append(Severity.RED)
    highest = max(possible, default=None)
    if highest is None or (level is not None and highest <= level):
        return None
    return highest
