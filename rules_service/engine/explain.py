"""One finding: what was decided of one subject, from which fields and values, against which parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, cast

from rules_service.compile.view import ViewCheck
from rules_service.engine.decide import Counted
from rules_service.engine.digest import Content
from rules_service.engine.places import UNSENT, Places
from rules_service.engine.prepared import Language, Prepared, StaticCheck, Texts
from rules_service.engine.score_facts import missing_of
from rules_service.engine.scoring import Scored
from rules_service.engine.wording import exact_ratio
from rules_service.facts.extract import FactSet
from rules_service.facts.missing import Missing
from rules_service.language.program import Leaf, Trace
from rules_service.language.template import Template
from rules_service.model.subjects import SCORE, SUBJECTS
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.values.outcomes import MissingReason, Outcome, Severity

__all__ = ["Explained", "Explainer"]

Indices = tuple[int, ...]

_OUTCOMES = {outcome: result_pb2.Outcome.Value(f"OUTCOME_{outcome.value}") for outcome in Outcome}
_OUTCOME_LEAF = re.compile(r"outcome\((.*)\)")
# What is said to be missing where the report is.
_FIRST = {"report": ("report", "as_of")}


class Explained(NamedTuple):
    """What the digest and the conclusions take of a finding that was written."""

    content: Content
    counted: Counted
    actions: list[result_pb2.RecommendedAction.ValueType]


class Explainer:
    """Writes the findings of one answer in one language.

    ``add`` makes a finding in the answer; ``lacking`` tells what keeps a rule of it undecided.
    """

    def __init__(
        self,
        prepared: Prepared,
        facts: FactSet,
        language: Language,
        add: Callable[[], result_pb2.Finding],
        lacking: Callable[[str], list[Missing]],
    ) -> None:
        self.prepared = prepared
        self._facts = facts
        self.language = language
        self.add = add
        self._lacking = lacking
        self.classified = facts.root.project.classified
        self.unreported = facts.report is None
        self.places = Places(facts)
        self._scored: Sequence[Scored] = ()

    def score(self, facts: FactSet, scored: Sequence[Scored]) -> None:
        """Explain with the score sheets that were worked out between the strata."""
        self._facts, self._scored = facts, scored
        self.places = Places(facts)

    def plain(
        self, check: ViewCheck, indices: Indices, outcome: Outcome, *, absent: bool = False
    ) -> Explained:
        """A finding that needs no reasons: NOT_APPLICABLE, EXEMPT; ``absent``: there is no subject."""
        return _Draft(self, check, indices, outcome, absent=absent).finished()

    def passed(self, check: ViewCheck, indices: Indices, trace: Trace) -> Explained:
        """A PASS, with the values that it rests on."""
        draft = _Draft(self, check, indices, Outcome.PASS)
        draft.add_values(trace)
        return draft.finished()

    def failed(self, check: ViewCheck, indices: Indices, trace: Trace) -> Explained:
        """A FAIL: values, parameters, message, remedy, and a higher severity left open by missing data."""
        draft = _Draft(self, check, indices, Outcome.FAIL)
        draft.add_severity(trace)
        draft.add_values(trace)
        draft.add_texts(trace)
        draft.add_suggestion(trace)
        if draft.open is not None:
            draft.add_missing(self.leaves(trace.open))
        return draft.finished()

    def undecided(self, check: ViewCheck, indices: Indices, trace: Trace) -> Explained:
        """An INDETERMINATE that names everything missing."""
        draft = _Draft(self, check, indices, Outcome.INDETERMINATE)
        draft.add_values(trace)
        draft.add_lacking(self.leaves(trace.undecided))
        return draft.finished()

    def without_section(self, check: ViewCheck, indices: Indices) -> Explained:
        """An INDETERMINATE on the parent: the list of subjects was not provided."""
        draft = _Draft(self, check, indices, Outcome.INDETERMINATE, absent=True)
        draft.add_lacking([self.why_no_list(check.subject, indices)])
        return draft.finished()

    def unproven(self, check: ViewCheck, indices: Indices, *, absent: bool = False) -> Explained:
        """An INDETERMINATE because an exemption is claimed that is not documented."""
        draft = _Draft(self, check, indices, Outcome.INDETERMINATE, absent=absent)
        draft.add_lacking(self._facts.exemption.lacking)
        return draft.finished()

    def error(self, check: ViewCheck) -> Explained:
        """Our own fault in this check."""
        static = self.prepared.static(check, self.language)
        finding = self.add()
        finding.MergeFromString(static.head)
        finding.outcome = _OUTCOMES[Outcome.ERROR]
        finding.severity = _level(static.highest)
        finding.subject_kind = check.subject
        finding.message = self.prepared.text("error.message", self.language, rule=check.id)
        content: Content = (
            *(check.id, check.version, finding.outcome, static.highest.value, 0, ""),
            *(check.subject, "", "", [], [], [], [], ("", ""), []),
        )
        return Explained(content, Counted(check.id, Outcome.ERROR, static.highest, None, check.subject), [])

    def leaves(self, leaves: Iterable[Leaf]) -> list[Missing]:
        """What is missing, by the leaves of a trace; a rule asked for is undecided for its own reasons."""
        return [missing for leaf in leaves for missing in self._leaf(leaf)]

    def _leaf(self, leaf: Leaf) -> Iterable[Missing]:
        if leaf.hint is not None:
            path = "history" if leaf.hint == MissingReason.HISTORY_GAP.value else ""
            return (Missing(MissingReason(leaf.hint), path, leaf.name),)
        rule = _OUTCOME_LEAF.fullmatch(leaf.name)
        if rule is not None:
            return self._lacking(rule[1])
        fact = self.prepared.catalogue[leaf.name]
        if fact.subject == SCORE:
            return missing_of(self._scored[leaf.indices[0]], fact.short)
        missing = self.prepared.extractor.why(self._facts, fact.subject, leaf.indices, leaf.slot)
        return () if missing is None else (missing,)

    def why_no_list(self, subject: str, indices: Indices) -> Missing:
        """Why the list of a check's subjects is not there."""
        row = SUBJECTS[absent_subject(subject, indices)]
        owner, name = (row.parent, row.list) if row.parent else _FIRST[row.name]
        found = self.prepared.extractor.why(self._facts, owner, indices, name)
        if found is None:
            raise AssertionError(f"{owner}.{name} is not missing")
        return found


def absent_subject(subject: str, around: Indices) -> str:
    """The subject whose list is missing or empty at ``around``: an indicator may lack even its goal."""
    return SUBJECTS[subject].around[max(SUBJECTS[subject].depth - len(around) - 1, 0)]


class _Draft:
    """A finding while it is written, together with its content for the digest."""

    def __init__(
        self,
        explainer: Explainer,
        check: ViewCheck,
        indices: Indices,
        outcome: Outcome,
        *,
        absent: bool = False,
    ) -> None:
        self._prepared = explainer.prepared
        self._language = explainer.language
        self._classified = explainer.classified
        self._places = explainer.places
        self._unreported = explainer.unreported
        self._check = check
        self._indices = indices
        self._outcome = outcome
        self._static: StaticCheck = self._prepared.static(check, self._language)
        self._severity: Severity | None = None
        self.open: Severity | None = None
        self._reason = ""
        self._facts: list[tuple[Any, ...]] = []
        self._computed: list[tuple[str, str, str]] = []
        self._parameters: list[tuple[str, ...]] = []
        self._missing: list[tuple[str, str, str]] = []
        self._suggestion = ("", "")
        self._actions: list[result_pb2.RecommendedAction.ValueType] = []
        self._finding = finding = explainer.add()
        finding.MergeFromString(self._static.head)
        finding.outcome = _OUTCOMES[outcome]
        self._kind, self._path = self._place(absent)
        finding.subject_kind = self._kind
        finding.path = self._path
        self._id = ""
        if self._classified:
            self._say_classified()
        else:
            self._id = finding.subject_id = self._places.id_of(self._kind, indices)

    def finished(self) -> Explained:
        """What the digest and the conclusions take of it."""
        check, severity = self._check, self._severity
        content = (
            check.id,
            check.version,
            _OUTCOMES[self._outcome],
            severity.value if severity is not None else 0,
            self.open.value if self.open is not None else 0,
            self._reason,
            self._kind,
            self._id,
            self._path,
            self._facts,
            self._computed,
            self._parameters,
            self._missing,
            self._suggestion,
            self._actions,
        )
        counted = Counted(check.id, self._outcome, severity, self.open, check.subject)
        return Explained(content, counted, self._actions)

    def _place(self, absent: bool) -> tuple[str, str]:
        """Kind of the subject, and the path of the cell to be coloured."""
        check, indices = self._check, self._indices
        if absent:
            row = SUBJECTS[absent_subject(check.subject, indices)]
            if row.root == "report" and self._unreported:
                return "report", "report"
            return row.parent, self._places.list_path(row.name, indices)
        at = self._static.at
        if at is None:
            return check.subject, self._places.find(check.subject, indices)[1]
        place = self._places.find(at.subject, at.indices(indices))[1]
        return check.subject, place if place == UNSENT else place + at.suffix

    def _say_classified(self) -> None:
        """Rule, place and outcome only (semantics.md, Classified projects)."""
        if self._outcome in {Outcome.PASS, Outcome.NOT_APPLICABLE}:
            return
        word = self._prepared.text(f"outcome.{self._outcome.value}", self._language)
        self._finding.message = self._prepared.text(
            "classified.message", self._language, rule=self._check.id, outcome=word
        )
        self._finding.remedy = self._prepared.text("classified.remedy", self._language)

    def add_severity(self, trace: Trace) -> None:
        """Severity by the first step that holds; a higher one that is undecided stays open."""
        steps = self._check.severities
        self._severity = steps[trace.severity if trace.severity is not None else -1].level
        self._finding.severity = _level(self._severity)
        if trace.severity_open is not None:
            above = steps[trace.severity_open].level
            if above > self._severity:
                self.open = above
                self._finding.severity_open = _level(above)

    def add_values(self, trace: Trace) -> None:
        """Facts, computed values and parameters."""
        if self._classified:
            return
        finding, indices, find = self._finding, self._indices, self._places.find
        for shown, value in zip(self._static.facts, trace.ref_values, strict=True):
            name, cell = shown.name, shown.cell
            message, place = find(cell.subject, cell.indices(indices))
            path = place if place == UNSENT else place + cell.suffix
            raw, text = shown.raw(message), shown.write(value)
            entry = finding.facts.add(name=name, label=shown.label, path=path, raw=raw, normalised=text)
            spans = shown.spans(raw) if shown.spans is not None and value is not None else []
            for start, end in spans:
                entry.spans.add(start=start, end=end)
            self._facts.append((name, path, raw, text, spans))
        for position, name, label, kind in self._static.values:
            value = trace.let_values[position]
            if value is not None:
                exact = exact_ratio(value, kind)
                above, below = str(exact[0]), str(exact[1])
                finding.computed.add(
                    name=name,
                    label=label,
                    numerator=above,
                    denominator=below,
                    display=self._prepared.display(value, kind, self._language),
                )
                self._computed.append((name, above, below))
        self._add_tables(trace)
        finding.MergeFromString(self._static.parameters)
        self._parameters = self._static.parameter_content

    def _add_tables(self, trace: Trace) -> None:
        """Which row of each decision table held."""
        for table in self._static.tables:
            held = trace.let_values[table.position]
            if held is None:
                continue
            number, told = table.told(held, self._language)
            self._finding.computed.add(
                name=table.name, label=table.label, numerator=str(number), denominator="1", display=told
            )
            self._computed.append((table.name, str(number), "1"))

    def add_texts(self, trace: Trace) -> None:
        """Message, remedy, reason code and recommended actions of a FAIL."""
        finding = self._finding
        for let, action in self._static.actions:
            if let is None or trace.let_values[let] is True:
                self._actions.append(action)
        finding.recommended_actions.extend(self._actions)
        for let, code in self._static.reasons:
            if let is None or trace.let_values[let] is True:
                self._reason = finding.reason_code = code
                break
        if not self._classified:
            values = self._prepared.template_values(trace)
            finding.message = _chosen(self._static.message, trace).render(values, self._language)
            finding.remedy = _chosen(self._static.remedy, trace).render(values, self._language)

    def add_suggestion(self, trace: Trace) -> None:
        """A value that would be in order."""
        suggestion = self._static.suggestion
        if suggestion is None or self._classified:
            return
        reference, write, standard_id = suggestion
        value = trace.let_values[reference]
        if value is None:
            return
        standard = "" if standard_id is None else str(trace.let_values[standard_id] or "")
        self._suggestion = (write(value), standard)
        told = self._finding.suggestion
        told.reference_value, told.standard_id = self._suggestion
        known = self._prepared.view.fact_context.standards.by_id.get(standard)
        if known is not None:
            told.source, told.proof, told.is_sample = (
                known.row.document,
                known.row.proof.value,
                known.row.is_sample,
            )
            told.proof_words = self._prepared.text(f"proof.{known.row.proof.value}", self._language)

    def add_lacking(self, missing: Iterable[Missing]) -> None:
        """What an INDETERMINATE lacks; it counts with the highest severity that the check can reach."""
        self._severity = self._static.highest
        self._finding.severity = _level(self._severity)
        self.add_missing(missing)
        if not self._classified:
            labels = dict.fromkeys(entry.label for entry in self._finding.missing)
            separator = "、" if self._language == "zh" else ", "
            self._finding.message = self._prepared.text(
                "indeterminate.message", self._language, missing=separator.join(labels)
            )
            self._finding.remedy = self._prepared.text("indeterminate.remedy", self._language)

    def add_missing(self, missing: Iterable[Missing]) -> None:
        """Each missing thing once, with its path and what to do."""
        for one in dict.fromkeys(missing):
            self._finding.missing.add(
                name=one.name,
                label=self._prepared.label(one.name, self._language),
                reason=one.reason.value,
                path=one.path,
                message=self._prepared.text(f"missing.{one.reason.value}", self._language),
            )
            self._missing.append((one.name, one.reason.value, one.path))


def _level(severity: Severity) -> result_pb2.Severity.ValueType:
    return cast("result_pb2.Severity.ValueType", severity.value)


def _chosen(texts: Texts, trace: Trace) -> Template:
    """The first text whose condition holds; the last has none."""
    return next(text for let, text in texts if let is None or trace.let_values[let] is True)
