"""One finding: what was decided of one subject, from which fields and values, against which parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rules_service.compile.view import ViewCheck
from rules_service.engine.decide import Counted
from rules_service.engine.prepared import Language, Prepared
from rules_service.engine.wording import canonical, exact_ratio
from rules_service.facts.extract import FactSet
from rules_service.facts.missing import Missing
from rules_service.language.program import Leaf, Trace
from rules_service.language.typed import fact_kind
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.values.outcomes import MissingReason, Outcome, Severity

__all__ = ["Explainer", "Explained"]

_OUTCOMES = {outcome: result_pb2.Outcome.Value(f"OUTCOME_{outcome.value}") for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding for the answer, and what the conclusions may know of it."""

    finding: result_pb2.Finding
    counted: Counted


class Explainer:
    """Writes the findings of one answer in one language."""

    def __init__(self, prepared: Prepared, facts: FactSet, language: Language) -> None:
        self._prepared = prepared
        self._facts = facts
        self._language = language
        self._classified = facts.root.project.classified

    def plain(
        self, check: ViewCheck, indices: tuple[int, ...], outcome: Outcome, *, absent: bool = False
    ) -> Explained:
        """A finding that needs no reasons: NOT_APPLICABLE, EXEMPT; ``absent``: there is no subject."""
        finding = self._start(check, indices, outcome, absent=absent)
        return Explained(finding, Counted(check.id, outcome, None, None, check.subject))

    def passed(self, check: ViewCheck, indices: tuple[int, ...], trace: Trace) -> Explained:
        """A PASS, with the values that it rests on."""
        finding = self._start(check, indices, Outcome.PASS)
        self._add_values(finding, check, indices, trace)
        return Explained(finding, Counted(check.id, Outcome.PASS, None, None, check.subject))

    def failed(self, check: ViewCheck, indices: tuple[int, ...], trace: Trace) -> Explained:
        """A FAIL: values, parameters, message, remedy, and a higher severity left open by missing data."""
        severity = check.severities[trace.severity if trace.severity is not None else -1].level
        open_ = check.severities[trace.severity_open].level if trace.severity_open is not None else None
        if open_ is not None and open_ <= severity:
            open_ = None
        finding = self._start(check, indices, Outcome.FAIL)
        finding.severity = severity.value
        if open_ is not None:
            finding.severity_open = open_.value
        self._add_values(finding, check, indices, trace)
        if not self._classified:
            finding.MergeFromString(self._prepared.static(check, self._language).actions)
            self._add_texts(finding, check, trace)
            self._add_suggestion(finding, check, trace)
        if open_ is not None:
            self._add_missing(finding, self._leaves(trace.open))
        return Explained(finding, Counted(check.id, Outcome.FAIL, severity, open_, check.subject))

    def undecided(self, check: ViewCheck, indices: tuple[int, ...], trace: Trace) -> Explained:
        """An INDETERMINATE that names everything missing."""
        finding = self._start(check, indices, Outcome.INDETERMINATE)
        self._add_values(finding, check, indices, trace)
        return self._lacking(finding, check, self._leaves(trace.undecided))

    def without_section(self, check: ViewCheck, indices: tuple[int, ...]) -> Explained:
        """An INDETERMINATE on the parent: the list of subjects was not provided."""
        finding = self._start(check, indices, Outcome.INDETERMINATE, absent=True)
        return self._lacking(finding, check, [self._why_no_list(check.subject, indices)])

    def unproven(self, check: ViewCheck, indices: tuple[int, ...], *, absent: bool = False) -> Explained:
        """An INDETERMINATE because an exemption is claimed that is not documented."""
        finding = self._start(check, indices, Outcome.INDETERMINATE, absent=absent)
        return self._lacking(finding, check, list(self._facts.exemption.lacking))

    def error(self, check: ViewCheck, indices: tuple[int, ...]) -> Explained:
        """Our own fault in this check."""
        highest = self._prepared.highest(check)
        finding = result_pb2.Finding()
        finding.MergeFromString(self._prepared.static(check, self._language).head)
        finding.outcome = _OUTCOMES[Outcome.ERROR]
        finding.severity = highest.value
        finding.message = self._prepared.text("error.message", self._language, rule=check.id)
        return Explained(finding, Counted(check.id, Outcome.ERROR, highest, None, check.subject))

    def _start(
        self, check: ViewCheck, indices: tuple[int, ...], outcome: Outcome, *, absent: bool = False
    ) -> result_pb2.Finding:
        finding = result_pb2.Finding()
        finding.MergeFromString(self._prepared.static(check, self._language).head)
        finding.outcome = _OUTCOMES[outcome]
        kind = self._absent(check.subject, indices)[0] if absent else check.subject
        finding.subject_kind = kind
        finding.path = self._path(check, kind, indices, absent=absent)
        if self._classified:
            if outcome not in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
                finding.message = self._prepared.text(
                    "classified.message",
                    self._language,
                    rule=check.id,
                    outcome=self._prepared.text(f"outcome.{outcome.value}", self._language),
                )
                finding.remedy = self._prepared.text("classified.remedy", self._language)
        else:
            finding.subject_id = self._subject_id(kind, indices)
        return finding

    def _path(self, check: ViewCheck, kind: str, indices: tuple[int, ...], *, absent: bool) -> str:
        if check.at is not None and not absent:
            subject = check.at.partition(".")[0]
            return self._cell(check.at, self._indices(check.subject, subject, indices))[0]
        if absent:
            return self._absent_path(check.subject, indices)
        anchor = _ANCHORS[kind]
        return self._cell(anchor, indices)[0].rpartition(".")[0]

    def _subject_id(self, kind: str, indices: tuple[int, ...]) -> str:
        return self._cell(_ANCHORS[kind], indices)[1]

    def _cell(self, fact: str, indices: tuple[int, ...]) -> tuple[str, str]:
        return self._prepared.extractor.cell(self._facts, fact, indices)

    def _indices(self, of: str, subject: str, indices: tuple[int, ...]) -> tuple[int, ...]:
        """The indices of a subject around ``of``: an indicator's goal has the first of its two."""
        chain = self._prepared.parents(of)
        if subject not in chain:
            return ()
        return indices[: len(indices) - chain.index(subject)]

    def _add_values(
        self, finding: result_pb2.Finding, check: ViewCheck, indices: tuple[int, ...], trace: Trace
    ) -> None:
        if self._classified:
            return
        for name, value in trace.refs:
            fact = self._prepared.catalogue[name]
            path, raw = self._cell(name, self._indices(check.subject, fact.subject, indices))
            finding.facts.add(
                name=name,
                label=fact.zh.partition(".")[2] if self._language == "zh" else fact.meaning_en,
                path=path,
                raw=raw,
                normalised="" if value is None else canonical(value, fact_kind(fact)),
            )
        shown = self._prepared.lets_shown[check.number]
        for name, value, kind in trace.lets:
            exact = None if value is None or name not in shown else exact_ratio(value, kind)
            if exact is not None:
                finding.computed.add(
                    name=name,
                    numerator=str(exact[0]),
                    denominator=str(exact[1]),
                    display=self._prepared.display(value, kind, self._language),
                )
        finding.MergeFromString(self._prepared.static(check, self._language).parameters)

    def _add_texts(self, finding: result_pb2.Finding, check: ViewCheck, trace: Trace) -> None:
        values = self._prepared.template_values(trace)
        finding.message = check.message.template(self._language).render(values, self._language)
        finding.remedy = check.remedy.template(self._language).render(values, self._language)
        lets = {name: value for name, value, _ in trace.lets}
        for reason in check.reasons:
            if reason.let is None or lets.get(reason.let) is True:
                finding.reason_code = reason.code
                break

    def _add_suggestion(self, finding: result_pb2.Finding, check: ViewCheck, trace: Trace) -> None:
        if check.suggestion is None:
            return
        lets = {name: (value, kind) for name, value, kind in trace.lets}
        value, kind = lets[check.suggestion.reference_value]
        if value is None:
            return
        finding.suggestion.reference_value = canonical(value, kind)
        if check.suggestion.standard_id is not None:
            finding.suggestion.standard_id = str(lets[check.suggestion.standard_id][0] or "")

    def _lacking(self, finding: result_pb2.Finding, check: ViewCheck, missing: list[Missing]) -> Explained:
        highest = self._prepared.highest(check)
        finding.severity = highest.value
        self._add_missing(finding, missing)
        if not self._classified:
            labels = dict.fromkeys(entry.label or entry.name for entry in finding.missing)
            separator = "、" if self._language == "zh" else ", "
            finding.message = self._prepared.text(
                "indeterminate.message", self._language, missing=separator.join(labels)
            )
            finding.remedy = self._prepared.text("indeterminate.remedy", self._language)
        return Explained(finding, Counted(check.id, Outcome.INDETERMINATE, highest, None, check.subject))

    def _add_missing(self, finding: result_pb2.Finding, missing: Iterable[Missing]) -> None:
        for one in dict.fromkeys(missing):
            fact = self._prepared.catalogue.get(one.name)
            finding.missing.add(
                name=one.name,
                label=self._label(one.name) if fact is None else self._fact_label(one.name),
                reason=one.reason.value,
                path=one.path,
                message=self._prepared.text(f"missing.{one.reason.value}", self._language),
            )

    def _label(self, name: str) -> str:
        parameter = self._prepared.view.parameters.get(name.removeprefix("param."))
        return parameter.title.text(self._language) if parameter is not None else name

    def _fact_label(self, name: str) -> str:
        fact = self._prepared.catalogue[name]
        return fact.zh.partition(".")[2] if self._language == "zh" else fact.meaning_en

    def _leaves(self, leaves: Iterable[Leaf]) -> list[Missing]:
        found = []
        for leaf in leaves:
            missing = self._leaf(leaf)
            if missing is not None:
                found.append(missing)
        return found

    def _leaf(self, leaf: Leaf) -> Missing | None:
        if leaf.hint is not None:
            return Missing(MissingReason(leaf.hint), _HINT_PATHS.get(leaf.hint, ""), leaf.name)
        fact = self._prepared.catalogue[leaf.name]
        slot = leaf.slot
        return self._prepared.extractor.why(self._facts, fact.subject, leaf.indices, slot)

    def _why_no_list(self, subject: str, indices: tuple[int, ...]) -> Missing:
        owner, name = self._absent(subject, indices)
        found = self._prepared.extractor.why(self._facts, owner, indices, name)
        if found is None:
            raise AssertionError(f"{owner}.{name} is not missing")
        return found

    def _absent_path(self, subject: str, indices: tuple[int, ...]) -> str:
        owner, name = self._absent(subject, indices)
        return owner if subject == "report" else self._cell(f"{owner}.{name}", indices)[0]

    def _absent(self, subject: str, indices: tuple[int, ...]) -> tuple[str, str]:
        """Owner and name of the list that is missing or empty; an indicator may lack even its goal."""
        return _LISTS["goal" if subject == "indicator" and not indices else subject]


_ANCHORS = {
    "project": "project.project_code",
    "goal": "goal.goal_id",
    "indicator": "indicator.indicator_id",
    "item": "item.item_id",
    "report": "report.report_id",
    "actual": "actual.indicator_id",
}
_LISTS = {
    "goal": ("project", "goals"),
    "indicator": ("goal", "indicators"),
    "item": ("project", "items"),
    "actual": ("report", "actuals"),
    "report": ("report", "as_of"),
}
_HINT_PATHS = {"HISTORY_GAP": "history"}
