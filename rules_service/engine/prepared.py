"""A view made ready to answer: extractor, decision sets, and the parts of findings that never change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from rules_service import __version__
from rules_service.compile.view import (
    BasisDoc,
    DecisionDoc,
    ParameterValue,
    TableDoc,
    TextCase,
    View,
    ViewCheck,
)
from rules_service.engine.conclude import DecisionSet
from rules_service.engine.decide import decision_set
from rules_service.engine.digest import parameter_content
from rules_service.engine.places import depth
from rules_service.engine.score_items import item_labels
from rules_service.engine.wording import canonical_writer, fill
from rules_service.facts.cells import cell_of
from rules_service.facts.extract import Extractor
from rules_service.language.display import display, operator_words
from rules_service.language.program import Trace
from rules_service.language.template import Template
from rules_service.language.typed import fact_kind
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.pb.budget.rules.v1 import result_pb2
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessResponse
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewResponse
from rules_service.values.dates import date_text
from rules_service.values.kinds import Kind
from rules_service.values.outcomes import Proof, Severity

__all__ = ["Language", "Located", "Prepared", "Service", "ShownFact", "ShownTable", "StaticCheck", "Texts"]

Language = Literal["zh", "en"]
Service = Literal["review", "assess"]
Texts = tuple[tuple[int | None, Template], ...]

# Articles of these proofs are printed; the others are left out rather than stated as if certain.
_CERTAIN: Final = frozenset({Proof.VERIFIED, Proof.SEED})


@dataclass(frozen=True, slots=True)
class Located:
    """A cell seen from a check's subject: of the subject ``drop`` steps around it, at ``suffix``.

    ``drop`` is ``None`` for project and report, which have no indices.
    """

    subject: str
    drop: int | None
    suffix: str

    def indices(self, indices: tuple[int, ...]) -> tuple[int, ...]:
        """The indices of the cell's subject, for a check's subject at ``indices``."""
        if self.drop is None:
            return ()
        return indices[: len(indices) - self.drop] if self.drop else indices


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact that findings of a check show."""

    name: str
    label: str
    cell: Located
    raw: Callable[[Any], str]
    write: Callable[[Any], str]
    spans: Callable[[str], list[tuple[int, int]]] | None
    """Finds in the raw text what the fact quotes from it (UTF-16 units), where it quotes anything."""


class ShownTable(NamedTuple):
    """A decision table: the position of the value that tells its row, and what is said of each row."""

    position: int
    name: str
    label: str
    rows: Mapping[int, str]

    def told(self, held: int | tuple[int, ...], language: Language) -> tuple[int, str]:
        """The first row that held (0: all other cases, or none) and what is said of all that did."""
        numbers = held if isinstance(held, tuple) else (held,)
        separator = "；" if language == "zh" else "; "
        return next(iter(numbers), 0), separator.join(self.rows[number] for number in numbers)


@dataclass(frozen=True, slots=True)
class StaticCheck:
    """What every finding of a check says in one language.

    ``head`` and ``parameters`` are serialised parts of a ``Finding``: identity, basis and tags; what the
    check compared with.  ``facts`` stand in the order of a trace's refs; ``values`` are the positions,
    names and kinds of the let values that are shown.  ``message`` and ``remedy`` are texts, ``reasons``
    codes, ``actions`` what a FAIL recommends, each with the position of the let value that chooses it.
    ``suggestion`` holds the positions of reference value and standard, and the writer of the former.
    ``tables`` are the decision tables whose rows are told.
    """

    head: bytes
    parameters: bytes
    parameter_content: list[tuple[str, ...]]
    actions: tuple[tuple[int | None, result_pb2.RecommendedAction.ValueType], ...]
    facts: tuple[ShownFact, ...]
    values: tuple[tuple[int, str, str, Kind], ...]
    at: Located | None
    highest: Severity
    message: Texts
    remedy: Texts
    reasons: tuple[tuple[int | None, str], ...]
    suggestion: tuple[int, Callable[[Any], str], int | None] | None
    tables: tuple[ShownTable, ...]


class Prepared:
    """Everything about a view that can be computed before a request comes."""

    def __init__(self, view: View, extractor: Extractor | None = None) -> None:
        """``extractor``: one for the view's layout and context, if there is one already."""
        self.view = view
        self.extractor = extractor or Extractor(view.layout, view.fact_context)
        self.catalogue = Catalogue.load()
        self.checks: Mapping[str, tuple[ViewCheck, ...]] = {
            service: tuple(check for check in view.checks if check.service == service)
            for service in ("review", "assess")
        }
        self.rules = {check.id: check for check in view.checks}
        self.second_stratum = {
            service: any(check.stratum for check in checks) for service, checks in self.checks.items()
        }
        self.decisions: Mapping[str, DecisionSet] = {
            service: decision_set(documents) for service, documents in view.decisions.items()
        }
        """The decision rules by service, as the concluders take them."""
        self.decision_documents: Mapping[str, DecisionDoc] = {
            doc.id: doc for documents in view.decisions.values() for doc in documents
        }
        """Decision rules by id."""
        self._statics: dict[tuple[int, Language], StaticCheck] = {}
        self._unchecked: dict[tuple[str, str, Language], bytes] = {}
        self.item_labels = item_labels(view.sheets)
        self._tables = {f"table.{table.id}": table.title for check in view.checks for table in check.tables}
        self._parameter_values = {f"param.{name}": one.value for name, one in view.parameters.items()}
        self._thresholds = tuple(
            (one.value, Kind.parse(one.kind))
            for one in view.parameters.values()
            if one.operator and one.element is None and one.value is not None
        )
        self.stamp = result_pb2.Stamp(
            bundle=view.bundle_id,
            version=view.version,
            hash=view.hash,
            layer=view.layer,
            engine_version=__version__,
        ).SerializeToString()
        """The stamp without region chain and dates."""

    def under(self, view: View) -> Prepared:
        """The same for a view that differs in its region chain only; shares what is prepared."""
        if view.region_chain == self.view.region_chain:
            return self
        twin = copy(self)
        twin.view = view
        return twin

    def static(self, check: ViewCheck, language: Language) -> StaticCheck:
        """The unchanging parts of a check's findings."""
        key = (check.number, language)
        found = self._statics.get(key)
        if found is None:
            found = self._statics[key] = self._make_static(check, language)
        return found

    def _make_static(self, check: ViewCheck, language: Language) -> StaticCheck:
        head = result_pb2.Finding(
            rule_id=check.id,
            rule_version=check.version,
            family=check.family,
            title=check.title.text(language),
            basis=[self.basis(basis, language) for basis in check.basis],
            override_allowed=check.override_allowed,
            tags=check.tags,
        )
        used = [self.parameter(self.view.parameters[name], language) for name in check.parameters]
        at = self.catalogue[check.at] if check.at is not None else None
        return StaticCheck(
            head=head.SerializeToString(),
            parameters=result_pb2.Finding(parameters=used).SerializeToString(),
            parameter_content=parameter_content(used),
            actions=tuple(
                (
                    _position(check, one.let),
                    result_pb2.RecommendedAction.Value(f"RECOMMENDED_ACTION_{one.action.value}"),
                )
                for one in check.actions
            ),
            facts=tuple(self._shown(self.catalogue[name], check, language) for name in check.unit.refs),
            values=tuple(
                (
                    position,
                    name,
                    check.names[name].text(language) if name in check.names else "",
                    typed.node.kind,
                )
                for position, (name, typed) in enumerate(check.unit.lets)
                if not name.startswith("@") and typed.node.kind.numeric
            ),
            at=_located(at, check.subject) if at is not None else None,
            highest=max(step.level for step in check.severities if not step.dormant),
            message=_texts(check, check.message, language),
            remedy=_texts(check, check.remedy, language),
            reasons=tuple((_position(check, reason.let), reason.code) for reason in check.reasons),
            suggestion=_suggestion(check),
            tables=tuple(self._table(table, check, language) for table in check.tables),
        )

    def _table(self, table: TableDoc, check: ViewCheck, language: Language) -> ShownTable:
        title = table.title.text(language)
        rows = {
            number: self.text(
                "table.row" if number else "table.otherwise",
                language,
                number=str(number),
                row=said.text(language),
            )
            for number, said in table.rows.items()
        }
        position = _position(check, table.row)
        assert position is not None, "a table that a check reads is among its named values"
        label = self.text("table.label", language, title=title)
        return ShownTable(position, f"table.{table.id}", label, rows)

    def _shown(self, fact: Fact, check: ViewCheck, language: Language) -> ShownFact:
        return ShownFact(
            name=fact.name,
            label=self.fact_label(fact, language),
            cell=_located(fact, check.subject),
            raw=cell_of(fact.name).raw,
            write=canonical_writer(fact_kind(fact)),
            spans=self.extractor.spans(fact.name),
        )

    def basis(self, basis: BasisDoc, language: Language) -> result_pb2.Basis:
        """A basis as it is shown; an article that is not certain is not printed."""
        return result_pb2.Basis(
            document=basis.document,
            article=basis.article if basis.proof in _CERTAIN else "",
            proof=basis.proof.value,
            proof_words=self.text(f"proof.{basis.proof.value}", language),
        )

    def parameter(self, value: ParameterValue, language: Language) -> result_pb2.ParameterUsed:
        """A parameter as a finding shows it."""
        kind = value.type
        notes = [self.text(f"source.{value.source.value}", language)]
        if value.document:
            notes.append(value.document)
        if value.note is not None:
            notes.append(value.note.text(language))
        return result_pb2.ParameterUsed(
            parameter_id=value.id,
            title=value.title.text(language),
            value="" if value.is_empty else value.text,
            operator=value.operator or "",
            words="" if value.is_empty else operator_words(value.operator, value.value, kind, language),
            layer=value.layer,
            effective_from="" if value.effective_from is None else date_text(value.effective_from),
            source=value.source.value,
            proof=value.proof.value if value.proof else "",
            note="；".join(notes) if language == "zh" else "; ".join(notes),
        )

    def unchecked(self, check: ViewCheck, reason: str, service: Service, language: Language) -> bytes:
        """A check that was not carried out, and why, as a serialised part of the service's answer."""
        key = (check.id, reason, language)
        found = self._unchecked.get(key)
        if found is None:
            entry = result_pb2.Unchecked(
                rule_id=check.id,
                title=check.title.text(language),
                reason=reason,
                message=self.text(f"unchecked.{reason}", language),
            )
            answer = ReviewResponse if service == "review" else AssessResponse
            found = self._unchecked[key] = answer(unchecked=[entry]).SerializeToString()
        return found

    def display(self, value: Any, kind: Kind, language: Language) -> str:
        """A value for people, never rounded to look like a parameter from which it differs."""
        return display(value, kind, language, against=lambda: self._thresholds)

    def template_values(self, trace: Trace) -> dict[str, Any]:
        """All values that a message may show."""
        values = self._parameter_values.copy()
        values.update(zip(trace.shown.refs, trace.ref_values, strict=True))
        values.update(zip(trace.shown.lets, trace.let_values, strict=True))
        return values

    def text(self, key: str, language: Language, **values: str) -> str:
        """A text of the ruleset's message catalogue, its ``{names}`` filled in."""
        return fill(self.view.messages[key].text(language), values)

    def label(self, name: str, language: Language) -> str:
        """What people call a fact, a parameter (``param.x``) or a question to other findings."""
        fact = self.catalogue.get(name)
        if fact is not None:
            return self.fact_label(fact, language)
        parameter = self.view.parameters.get(name.removeprefix("param."))
        if parameter is not None:
            return parameter.title.text(language)
        table = self._tables.get(name)
        if table is not None:
            return self.text("table.label", language, title=table.text(language))
        item = self.item_labels.get(name)
        if item is not None:
            return item[0] if language == "zh" else item[1]
        key = f"leaf.{name.partition('(')[0]}"
        return self.text(key, language) if key in self.view.messages else name

    @staticmethod
    def fact_label(fact: Fact, language: Language) -> str:
        """What people call a fact, without its subject."""
        return fact.zh.partition(".")[2] if language == "zh" else fact.meaning_en


def _position(check: ViewCheck, let: str | None) -> int | None:
    """Where a named value stands among those of a check; ``None`` for none."""
    return None if let is None else [name for name, _ in check.unit.lets].index(let)


def _suggestion(check: ViewCheck) -> tuple[int, Callable[[Any], str], int | None] | None:
    if check.suggestion is None:
        return None
    reference = _position(check, check.suggestion.reference_value)
    assert reference is not None
    write = canonical_writer(check.unit.lets[reference][1].node.kind)
    return reference, write, _position(check, check.suggestion.standard_id)


def _texts(check: ViewCheck, cases: tuple[TextCase, ...], language: Language) -> Texts:
    positions = {name: position for position, (name, _) in enumerate(check.unit.lets)}
    return tuple(
        (positions[case.let] if case.let is not None else None, case.text.template(language))
        for case in cases
    )


def _located(fact: Fact, subject: str) -> Located:
    return Located(
        fact.subject,
        None if fact.subject in {"project", "report"} else depth(subject, fact.subject),
        cell_of(fact.name).suffix,
    )
