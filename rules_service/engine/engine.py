"""Review and monitoring: request and view to answer, pure but for the concluder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from rules_service.compile.view import ViewCheck
from rules_service.engine.conclude import Concluded, Concluder, DecisionFact, DecisionSet, sorted_facts
from rules_service.engine.decide import Counted, Decided, decide, decision_facts
from rules_service.engine.digest import answer_content, digest
from rules_service.engine.explain import Explained, Explainer
from rules_service.engine.history import History, HistoryContext
from rules_service.engine.offering import reference_values
from rules_service.engine.prepared import Language, Prepared, Service
from rules_service.engine.score_items import Seen
from rules_service.engine.score_items import Source as ScoreSource
from rules_service.engine.sheets import AnswerSheets, sheets_of
from rules_service.facts.exemption import NO_EXEMPTION, ExemptionState
from rules_service.facts.extract import FactSet
from rules_service.facts.missing import Missing
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
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest, AssessResponse
from rules_service.pb.budget.rules.v1.report_pb2 import HistoryEntry, MonitoringReport
from rules_service.pb.budget.rules.v1.review_service_pb2 import (
    FINDING_DETAIL_ALL,
    LANGUAGE_EN,
    ReviewRequest,
    ReviewResponse,
)
from rules_service.values.dates import date_text
from rules_service.values.outcomes import Action, Decision, Outcome, Severity

__all__ = ["Answer", "Engine", "Fault", "Work"]

Answer = TypeVar("Answer", ReviewResponse, AssessResponse)

_OUTCOME_OF: Final = {
    NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
    NO_SUBJECT: Outcome.NOT_APPLICABLE,
    PASS: Outcome.PASS,
    FAIL: Outcome.FAIL,
    INDETERMINATE: Outcome.INDETERMINATE,
    NO_SECTION: Outcome.INDETERMINATE,
}
_EXEMPTED: Final = {
    ExemptionState.PROVEN: Outcome.EXEMPT,
    ExemptionState.UNPROVEN: Outcome.INDETERMINATE,
}
_DECISIONS: Final = {
    decision: result_pb2.Decision.Value(f"DECISION_{decision.value}") for decision in Decision
}
_NOTHING: Final[Mapping[Outcome, int]] = MappingProxyType({})
_NOT_APPLICABLE_ONLY: Final = frozenset({Outcome.NOT_APPLICABLE})
_LEVELS: Final = {severity: result_pb2.Severity.Value(f"SEVERITY_{severity.name}") for severity in Severity}
_ACTIONS: Final = {
    action: result_pb2.RecommendedAction.Value(f"RECOMMENDED_ACTION_{action.value}") for action in Action
}
_number = _rule_id = itemgetter(0)


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

    hits: list[Hit] = field(default_factory=list)
    undecided: list[Hit] = field(default_factory=list)
    no_subject: set[str] = field(default_factory=set)
    outcomes: dict[str, dict[Outcome, int]] = field(default_factory=dict)
    tally: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    explained: list[Explained] = field(default_factory=list)

    def count(self, rule: str, outcome: Outcome, number: int = 1, *, asked: bool = True) -> None:
        """Count results of a rule; those of a rule that was not ``asked`` for are only there to be asked."""
        if asked:
            self.tally[outcome] += number
        known = self.outcomes.get(rule)
        if known is None:
            self.outcomes[rule] = {outcome: number}
        else:
            known[outcome] = known.get(outcome, 0) + number

    def take_back(self, rule: str, outcome: Outcome) -> None:
        """Uncount a result that turned out to be an error of ours."""
        self.tally[outcome] -= 1
        known = self.outcomes[rule]
        known[outcome] -= 1
        if not known[outcome]:
            del known[outcome]

    def current(self, rule: str) -> str | None:
        """The outcome of a rule in this answer for checks that ask; None while it is undecided."""
        outcomes = self.outcomes.get(rule, _NOTHING)
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL.value
        if Outcome.ERROR in outcomes or Outcome.INDETERMINATE in outcomes:
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

    def review(self, prepared: Prepared, request: ReviewRequest, evaluated_on: int) -> ReviewResponse:
        """The answer to a structurally valid request; ``evaluated_on`` is a day number."""
        work = self.begin_review(prepared, request, evaluated_on)
        return work.finish(self._concluder.conclude(*work.question))

    def assess(self, prepared: Prepared, request: AssessRequest, evaluated_on: int) -> AssessResponse:
        """The answer to a structurally valid request; ``evaluated_on`` is a day number."""
        work = self.begin_assess(prepared, request, evaluated_on)
        return work.finish(self._concluder.conclude(*work.question))

    def begin_review(
        self, prepared: Prepared, request: ReviewRequest, evaluated_on: int
    ) -> Work[ReviewResponse]:
        """Evaluate all checks of a review; the conclusions are still to be asked for."""
        facts, fault = _facts(prepared.extractor.review, request, evaluated_on)
        answer = ReviewResponse(request_id=request.context.request_id)
        run = _Run(prepared, "review", facts, answer, self._on_fault)
        run.evaluate(None, fault)
        return Work(run.question(()), lambda concluded: run.finish_review(answer, concluded, evaluated_on))

    def begin_assess(
        self, prepared: Prepared, request: AssessRequest, evaluated_on: int
    ) -> Work[AssessResponse]:
        """Evaluate all checks of a report; the conclusions are still to be asked for."""
        facts, fault = _facts(prepared.extractor.assess, request, evaluated_on)
        history = None
        if facts.has_history:
            history = History.read(
                request.history, request.scheduled_checkpoints, request.report.checkpoint_id
            )
        answer = AssessResponse(request_id=request.context.request_id)
        run = _Run(prepared, "assess", facts, answer, self._on_fault)
        run.evaluate(history, fault)
        return Work(
            run.question(history.facts(prepared.rules) if history is not None else ()),
            lambda concluded: run.finish_assess(answer, request.report, concluded, evaluated_on),
        )


def _facts(
    read: Callable[[Any, int], FactSet], request: Request, evaluated_on: int
) -> tuple[FactSet, Exception | None]:
    """The facts of a request; with no fact in them, but its dates, where reading fails by a fault of ours."""
    try:
        return read(request, evaluated_on), None
    except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
        is_review = isinstance(request, ReviewRequest)
        source = Source(request, frozenset(), frozenset(), request_dates(request, evaluated_on), is_review)
        return FactSet((), None, NO_EXEMPTION, source), error


class _Run:
    """One request on one view, writing one answer."""

    def __init__(
        self,
        prepared: Prepared,
        service: Service,
        facts: FactSet,
        answer: ReviewResponse | AssessResponse,
        on_fault: Callable[[Fault], None] | None,
    ) -> None:
        context = facts.root.context
        self._prepared = prepared
        self._service = service
        self._facts = facts
        self._on_fault = on_fault
        self._language: Language = "en" if context.language == LANGUAGE_EN else "zh"
        self._all = context.detail == FINDING_DETAIL_ALL
        self._families = frozenset(context.families)
        self._findings = answer.findings
        self._explainer = Explainer(prepared, facts, self._language, self._findings.add, self._lacking)
        self._state = _State()
        self._scored: AnswerSheets | None = None

    # -- evaluation ------------------------------------------------------------------------------

    def evaluate(self, history: History | None, fault: Exception | None) -> None:
        """Run both strata, then write the findings in the order of the rules.

        After a ``fault`` of ours in reading the facts every check is an ERROR.
        """
        state = self._state
        if fault is not None:
            self._all_failed(self._prepared.checks[self._service], fault)
            return
        lookup = HistoryContext(state.current, history, self._prepared.rules)
        self._stratum(0, lookup)
        scored = self._service == "assess" or self._score(lookup)
        if scored and self._prepared.second_stratum[self._service]:
            self._stratum(1, lookup)
        state.hits.sort(key=_number)
        for hit in state.hits:
            self._write(hit, lookup)

    def _score(self, lookup: HistoryContext) -> bool:
        """Work out the score sheets; a fault of ours there is one of the whole second stratum."""
        sheets = self._prepared.view.sheets
        if not sheets and not self._facts.root.project.score_sheets:
            return True
        try:
            source = self._score_source(lookup)
            answer = sheets_of(self._prepared, self._facts, source, self._language)
        except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
            checks = self._prepared.checks[self._service]
            self._all_failed([check for check in checks if check.stratum == 1], error)
            return False
        self._facts, self._scored = answer.facts, answer
        self._explainer.score(answer.facts, answer.scored)
        return True

    def _score_source(self, lookup: HistoryContext) -> ScoreSource:
        facts, view, explainer = self._facts, self._prepared.view, self._explainer

        def compute(formula: int) -> tuple[Any, list[Missing]]:
            value, leaves = view.program.compute(formula, facts.project, facts.report, view.P, lookup)
            return value, explainer.leaves(leaves)

        return ScoreSource(self._seen, self._lacking, compute)

    def _seen(self, rule: str) -> Seen:
        """What the first stratum says of a rule."""
        outcomes = self._state.outcomes.get(rule, _NOTHING)
        open_ = [hit for hit in self._state.undecided if self._prepared.view.checks[hit[0]].id == rule]
        return Seen(
            outcome=self._state.current(rule),
            failed=outcomes.get(Outcome.FAIL, 0),
            undecided=outcomes.get(Outcome.INDETERMINATE, 0),
            unbounded=Outcome.ERROR in outcomes or any(hit[2] == NO_SECTION for hit in open_),
        )

    def _stratum(self, stratum: int, lookup: HistoryContext) -> None:
        facts, view, state = self._facts, self._prepared.view, self._state
        # A claimed exemption turns passes into EXEMPT too, so each of them must be listed.
        listed = self._all or facts.exemption.state is not ExemptionState.NONE
        try:
            hits, passed, not_applicable = view.program.evaluate(
                stratum, facts.project, facts.report, view.P, lookup, listed, self._service
            )
        except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
            checks = self._prepared.checks[self._service]
            self._all_failed([check for check in checks if check.stratum == stratum], error)
            return
        for hit in hits:
            self._take(view.checks[hit[0]], hit)
        if listed:
            return
        for check in self._prepared.checks[self._service]:
            if check.stratum == stratum:
                number, asked = check.number, self._asked(check)
                if passed[number]:
                    state.count(check.id, Outcome.PASS, passed[number], asked=asked)
                if not_applicable[number]:
                    state.count(check.id, Outcome.NOT_APPLICABLE, not_applicable[number], asked=asked)

    def _asked(self, check: ViewCheck) -> bool:
        return not self._families or check.family in self._families

    def _take(self, check: ViewCheck, hit: Hit) -> None:
        """Count a hit, and keep it if it is to be written."""
        state, code, asked = self._state, hit[2], self._asked(check)
        if code == NO_SUBJECT:
            state.no_subject.add(check.id)
        outcome = self._outcome(check, code)
        state.count(check.id, outcome, asked=asked)
        if outcome is Outcome.INDETERMINATE:
            state.undecided.append(hit)
        if asked and (self._all or outcome not in {Outcome.PASS, Outcome.NOT_APPLICABLE}):
            state.hits.append(hit)

    def _outcome(self, check: ViewCheck, code: int) -> Outcome:
        """The outcome of a hit: a claimed exemption comes after what does not apply, and before the rest."""
        outcome = _OUTCOME_OF[code]
        if outcome is Outcome.NOT_APPLICABLE:
            return outcome
        return _EXEMPTED.get(self._exempted(check), outcome)

    def _write(self, hit: Hit, lookup: HistoryContext) -> None:
        number, indices, code = hit
        check, state = self._prepared.view.checks[number], self._state
        try:
            state.explained.append(self._explain(check, indices, code, lookup))
        except Exception as error:  # noqa: BLE001 - any fault of ours becomes ERROR, never a pass
            del self._findings[len(state.explained) :]  # what was half written
            state.take_back(check.id, self._outcome(check, code))
            self._report(check.id, error)
            self._failed(check)

    def _all_failed(self, checks: Iterable[ViewCheck], error: BaseException) -> None:
        """One fault that is no single check's: told once, and an ERROR of each check asked for."""
        self._report("", error)
        for check in checks:
            if self._asked(check):
                self._failed(check)

    def _failed(self, check: ViewCheck) -> None:
        self._state.count(check.id, Outcome.ERROR)
        self._state.explained.append(self._explainer.error(check))

    def _report(self, rule: str, error: BaseException) -> None:
        if self._on_fault is not None:
            self._on_fault(Fault(rule, error))

    def _explain(
        self, check: ViewCheck, indices: tuple[int, ...], code: int, lookup: HistoryContext
    ) -> Explained:
        explainer = self._explainer
        if code in (NOT_APPLICABLE, NO_SUBJECT):
            return explainer.plain(check, indices, Outcome.NOT_APPLICABLE, absent=code == NO_SUBJECT)
        exempted = self._exempted(check)
        if exempted is ExemptionState.PROVEN:
            return explainer.plain(check, indices, Outcome.EXEMPT, absent=code == NO_SECTION)
        if exempted is ExemptionState.UNPROVEN:
            return explainer.unproven(check, indices, absent=code == NO_SECTION)
        if code == NO_SECTION:
            return explainer.without_section(check, indices)
        facts, view = self._facts, self._prepared.view
        trace = view.program.explain(check.number, indices, facts.project, facts.report, view.P, lookup)
        if trace.outcome != code:
            raise AssertionError(f"{check.id}: evaluated {code}, explained {trace.outcome}")
        if code == FAIL:
            return explainer.failed(check, indices, trace)
        return (explainer.passed if code == PASS else explainer.undecided)(check, indices, trace)

    def _lacking(self, rule: str) -> list[Missing]:
        """What keeps a rule of this answer undecided, for those that ask for its outcome."""
        view = self._prepared.view
        return [
            missing
            for number, indices, code in self._state.undecided
            for check in (view.checks[number],)
            if check.id == rule
            for missing in self._lacking_of(check, indices, code)
        ]

    def _lacking_of(self, check: ViewCheck, indices: tuple[int, ...], code: int) -> Iterable[Missing]:
        explainer, facts, view = self._explainer, self._facts, self._prepared.view
        if self._exempted(check) is ExemptionState.UNPROVEN:
            return facts.exemption.lacking
        if code == NO_SECTION:
            return [explainer.why_no_list(check.subject, indices)]
        trace = view.program.explain(check.number, indices, facts.project, facts.report, view.P)
        return explainer.leaves(trace.undecided)

    def _exempted(self, check: ViewCheck) -> ExemptionState:
        """Whether the claimed exemption exempts from this check; an unclear claim may concern it."""
        exemption = self._facts.exemption
        if exemption.state is ExemptionState.NONE or not check.exempt_for:
            return ExemptionState.NONE
        if exemption.reason is not None and exemption.reason not in check.exempt_for:
            return ExemptionState.NONE
        return exemption.state

    # -- conclusions -----------------------------------------------------------------------------

    def question(self, history: Iterable[DecisionFact]) -> tuple[DecisionSet, tuple[DecisionFact, ...]]:
        """What the concluders are asked."""
        state = self._state
        facts = decision_facts(
            (one.counted for one in state.explained), any_pass=state.tally[Outcome.PASS] > 0
        )
        bands = self._scored.bands if self._scored is not None else ()
        return self._prepared.decisions[self._service], sorted_facts([*facts, *history, *bands])

    def finish_review(
        self, answer: ReviewResponse, concluded: Concluded, evaluated_on: int
    ) -> ReviewResponse:
        """Complete the answer to a review."""
        decided = decide(self._prepared.decision_documents, concluded)
        decision = self._decision(concluded, decided)
        answer.decision = _DECISIONS[decision]
        if self._scored is not None:
            answer.score_sheets.extend(self._scored.results)
        self._verdict(answer.verdict, decision, concluded)
        self._offer(answer)
        self._complete(answer, concluded, decided, evaluated_on)
        return answer

    def _offer(self, answer: ReviewResponse) -> None:
        """Reference values; without them, and with a report of the fault, where offering fails."""
        try:
            answer.reference_values.extend(reference_values(self._prepared, self._facts, self._language))
        except Exception as error:  # noqa: BLE001 - a suggestion must not cost the answer
            del answer.reference_values[:]
            self._report("", error)

    def finish_assess(
        self,
        answer: AssessResponse,
        report: MonitoringReport,
        concluded: Concluded,
        evaluated_on: int,
    ) -> AssessResponse:
        """Complete the answer to a report."""
        decided = decide(self._prepared.decision_documents, concluded)
        counted = [one.counted for one in self._state.explained]
        level = _level(counted, decided)
        if level is not None:
            answer.level = _LEVELS[level]
        open_ = _level_open(counted, level, disagreement=concluded.disagreement)
        if open_ is not None:
            answer.level_open = _LEVELS[open_]
        answer.recommended_actions.extend(self._actions(concluded, decided))
        self._complete(answer, concluded, decided, evaluated_on)
        if report.checkpoint_id and not self._facts.root.project.classified:
            answer.history_entries.extend(self._entries(report, answer.digest))
        return answer

    def _complete(
        self,
        answer: ReviewResponse | AssessResponse,
        concluded: Concluded,
        decided: Decided,
        evaluated_on: int,
    ) -> None:
        """Conclusions, what was not checked, counts, stamp, and at last the digest."""
        answer.conclusions.extend(self._conclusions(decided))
        unchecked = self._unchecked()
        part, service, language = self._prepared.unchecked, self._service, self._language
        answer.MergeFromString(
            b"".join([part(check, reason, service, language) for _, reason, check in unchecked])
        )
        counts = self._state.tally
        tally = answer.tally
        tally.passed, tally.failed = counts[Outcome.PASS], counts[Outcome.FAIL]
        tally.not_applicable, tally.exempt = counts[Outcome.NOT_APPLICABLE], counts[Outcome.EXEMPT]
        tally.indeterminate, tally.error = counts[Outcome.INDETERMINATE], counts[Outcome.ERROR]
        dates, stamp = self._facts.dates, answer.stamp
        stamp.MergeFromString(self._prepared.stamp)
        stamp.region_chain.extend(self._prepared.view.region_chain)
        if dates.rule_date is not None:
            stamp.rule_date = date_text(dates.rule_date)
        if dates.as_of is not None:
            stamp.as_of = date_text(dates.as_of)
        stamp.evaluated_on = date_text(evaluated_on)
        stamp.concluded_by = concluded.by
        answer.digest = digest(
            answer_content(
                answer,
                [one.content for one in self._state.explained],
                [(rule, reason) for rule, reason, _ in unchecked],
            )
        )

    def _decision(self, concluded: Concluded, decided: Decided) -> Decision:
        if self._families or self._facts.root.context.partial:
            return Decision.NOT_DECIDED
        if concluded.disagreement or decided.decision is None:
            return Decision.MANUAL
        return decided.decision

    def _verdict(self, verdict: result_pb2.Verdict, decision: Decision, concluded: Concluded) -> None:
        view = self._prepared.view
        name = self._facts.root.context.verdict_map or view.verdict_map
        if name is None:
            return
        chosen = view.verdict_maps[name]
        verdict.map_id = chosen.id
        without_grade = decision is Decision.MANUAL and (
            concluded.disagreement
            or self._state.tally[Outcome.ERROR] > 0
            or not _anything_checked(self._state)
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
                decision=_DECISIONS[Decision(document.decision)]
                if document.decision
                else result_pb2.DECISION_UNSPECIFIED,
                level=_LEVELS[Severity[document.level]]
                if document.level
                else result_pb2.SEVERITY_UNSPECIFIED,
                action=_ACTIONS[Action(document.action)]
                if document.action
                else result_pb2.RECOMMENDED_ACTION_UNSPECIFIED,
                from_rules=sorted({p.rule for p in fired.premises if p.kind in {"finding", "history"}}),
                from_conclusions=sorted({p.rule for p in fired.premises if p.kind == "conclusion"}),
                basis=[self._prepared.basis(basis, self._language) for basis in document.basis],
            )
            for document, fired in decided.fired
        ]

    def _actions(
        self, concluded: Concluded, decided: Decided
    ) -> list[result_pb2.RecommendedAction.ValueType]:
        actions = [_ACTIONS[action] for action in decided.actions]
        actions += [action for one in self._state.explained for action in one.actions]
        if concluded.disagreement or self._state.tally[Outcome.ERROR]:
            actions.append(result_pb2.RECOMMENDED_ACTION_ASK_HUMAN)
        return list(dict.fromkeys(actions))

    def _entries(self, report: MonitoringReport, answer_digest: str) -> list[HistoryEntry]:
        """What the host sends back as history at the next checkpoint."""
        asked = {check.id for check in self._prepared.checks[self._service] if self._asked(check)}
        levels: dict[str, Severity] = {}
        for one in self._state.explained:
            rule, severity = one.counted.rule, one.counted.severity
            if one.counted.outcome is Outcome.FAIL and severity is not None:
                levels[rule] = max(levels.get(rule, severity), severity)
        return [
            HistoryEntry(
                checkpoint_id=report.checkpoint_id,
                as_of=report.as_of,
                revision=report.revision if report.HasField("revision") else None,
                rule_id=rule,
                outcome=self._state.current(rule) or Outcome.INDETERMINATE.value,
                level=levels[rule].name if rule in levels else "",
                digest=answer_digest,
            )
            for rule in sorted(asked & self._state.outcomes.keys())
        ]

    def _unchecked(self) -> list[tuple[str, str, ViewCheck]]:
        """Rule, reason and check of what was not carried out, in the order of the rule ids."""
        prepared, state = self._prepared, self._state
        listed = [
            (inactive.check.id, inactive.reason, inactive.check)
            for inactive in prepared.view.inactive
            if inactive.check.service == self._service
        ]
        for check in prepared.checks[self._service]:
            if not self._asked(check):
                listed.append((check.id, "NOT_REQUESTED", check))
            elif state.outcomes.get(check.id, _NOTHING).keys() <= _NOT_APPLICABLE_ONLY:
                reason = "NO_SUBJECT" if check.id in state.no_subject else "NOT_APPLICABLE"
                listed.append((check.id, reason, check))
        known = {rule for rule, _, _ in listed}
        listed += [
            (dormant.check.id, dormant.reason, dormant.check)
            for dormant in prepared.view.dormant_cases
            if dormant.check.service == self._service and dormant.check.id not in known
        ]
        return sorted(listed, key=_rule_id)


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
