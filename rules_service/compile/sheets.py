"""Score sheets to parts that the engine works with: expressions typed, parameters and rules resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rules_service.compile.ceilings import basis_proof, weakest
from rules_service.compile.conclusions import basis_docs
from rules_service.compile.expressions import parsed
from rules_service.compile.layering import in_force
from rules_service.compile.reading import PARAMETER
from rules_service.compile.sheet_view import (
    Automatic,
    Band,
    ByDeduction,
    ByFormula,
    ByOutcome,
    Deduction,
    Dimension,
    Occurs,
    Sheet,
    SheetItem,
)
from rules_service.compile.texts import collector, words
from rules_service.compile.view import ParameterValue, Words
from rules_service.facts.text import normalise
from rules_service.language.checker import check
from rules_service.language.typed import Env, Formula, ParameterType
from rules_service.model.catalogue import Catalogue
from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import LayerSource
from rules_service.model.sheet_documents import (
    AutomaticDocument,
    ScoredItemDocument,
    Scoring,
    SheetDocument,
)
from rules_service.values.kinds import Base, Kind
from rules_service.values.outcomes import Proof

__all__ = [
    "ROUND",
    "BuiltSheet",
    "LayeredSheet",
    "build_sheet",
    "layered_sheets",
    "sheet_expressions",
    "sheet_reads",
    "view_sheet",
]

ROUND = "score.round"
"""The code fact that says in which round of a review a sheet was filled in."""
_POINTS = frozenset({Base.SCORE, Base.NUMBER, Base.COUNT})
_SHARES = frozenset({Base.RATE, Base.NUMBER})
_KINDS = {"bonus": "BONUS", "penalty": "PENALTY", "veto": "VETO"}


@dataclass(frozen=True, slots=True)
class LayeredSheet:
    """A sheet that a chain of active layers has on a day, with the region that defines it."""

    document: SheetDocument
    layer: str
    is_root: bool


@dataclass(frozen=True, slots=True)
class BuiltSheet:
    """A typed sheet without what depends on the region chain; ``sheet`` is ``None`` after an error.

    ``rules`` are those whose outcomes its points depend on.
    """

    sheet: Sheet | None
    rules: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]


def layered_sheets(layers: Sequence[LayerSource], day: int) -> list[LayeredSheet]:
    """The sheets of active layers on a day, without those that a lower layer's sheet replaces."""
    found: dict[str, LayeredSheet] = {}
    for layer in layers:
        own = [item for item in layer.score_sheets if in_force(item, day)]
        for document in own:
            for name in document.instead_of:
                found.pop(name.text, None)
        for document in own:
            found[document.id] = LayeredSheet(document, layer.region, layer.overlay is None)
    return list(found.values())


def sheet_expressions(document: SheetDocument) -> Iterator[Scalar]:
    """Every expression of a sheet, in the order of the file."""
    if document.applies_when is not None:
        yield document.applies_when
    for item in document.every:
        if item.applies_when is not None:
            yield item.applies_when
        if item.automatic is not None:
            yield from _automatic_expressions(item.automatic)


def sheet_reads(document: SheetDocument) -> frozenset[str]:
    """The parameters that a sheet reads: in expressions, as pass marks and as starts of bands."""
    named = [band.at_least for band in document.bands]
    if document.pass_mark is not None:
        named += [document.pass_mark.param, *(entry.value for entry in document.pass_mark.by_round)]
    written = (name for text in sheet_expressions(document) for name in PARAMETER.findall(text.text))
    return frozenset({name.text for name in named if name is not None}.union(written))


def _automatic_expressions(automatic: AutomaticDocument) -> Iterator[Scalar]:
    yield from (text for text in (automatic.score, automatic.share, automatic.when) if text is not None)
    yield from (one.when for one in automatic.deduct or () if one.when is not None)


def build_sheet(
    layered: LayeredSheet,
    parameters: Mapping[str, ParameterType],
    vocabularies: Mapping[str, frozenset[str]],
) -> BuiltSheet:
    """Type one sheet for the parameters (kinds and operators) of a view; never raises for author input."""
    return _Building(layered, parameters, vocabularies).built()


def view_sheet(
    built: BuiltSheet, layered: LayeredSheet, values: Mapping[str, ParameterValue], chain: Sequence[str]
) -> Sheet:
    """A built sheet in a region chain: the documents that speak for it, and the proof of its points."""
    assert built.sheet is not None
    document = layered.document
    proofs = [basis_proof(document.basis, is_root=layered.is_root, chain=chain)]
    proofs += [
        basis_proof(item.automatic.basis, is_root=layered.is_root, chain=chain)
        for item in document.every
        if item.automatic is not None
    ]
    read = frozenset().union(*(formula.typed.parameters() for formula in built.sheet.formulas))
    proofs += [proof for name in sorted(read) if (proof := values[name].proof) is not None]
    return replace(built.sheet, basis=basis_docs(document.basis, chain), proof=weakest(proofs))


class _Building:
    def __init__(
        self,
        layered: LayeredSheet,
        parameters: Mapping[str, ParameterType],
        vocabularies: Mapping[str, frozenset[str]],
    ) -> None:
        self._layered = layered
        self._document = layered.document
        self._parameters = parameters
        self._found: Diagnostics = collector()
        self._formulas: list[Formula] = []
        self._rules: set[str] = set()
        self._named: dict[str, None] = {}  # parameters by id, in the order of the file
        self._env = Env(
            catalogue=Catalogue.load(),
            parameters=parameters,
            subject="project",
            stratum=1,
            vocabularies=vocabularies,
            normalise=normalise,
        )

    def built(self) -> BuiltSheet:
        document = self._document
        pass_marks, bands = self._pass_marks(), self._bands()
        sheet = Sheet(
            id=document.id,
            version=document.version,
            title=words(document.title),
            layer=self._layered.layer,
            object=document.object,
            template=document.template,
            scorers=document.scorers,
            parallel=document.scoring is Scoring.PARALLEL and len(document.scorers) > 1,
            combine=document.combine,
            shares=self._shares(),
            total=document.total,
            capped=bool(document.capped),
            not_applicable=document.not_applicable,
            applies=self._condition(document.applies_when, document.id),
            pass_marks=pass_marks,
            bands=bands,
            dimensions=tuple(
                Dimension(
                    dimension.code,
                    words(dimension.title),
                    dimension.max,
                    tuple(self._item(item, "NORMAL") for item in dimension.items),
                )
                for dimension in document.dimensions
            ),
            adjustments=tuple(
                self._item(item, kind) for name, kind in _KINDS.items() for item in getattr(document, name)
            ),
            basis=(),
            proof=Proof.ENGINEERING,
            parameters=tuple(self._named),
            left_open=tuple((words(point.what), words(point.why)) for point in document.left_open),
            formulas=tuple(self._formulas),
        )
        for formula in self._formulas:
            self._rules |= formula.typed.rules()
        whole = None if self._found.has_errors() else sheet
        return BuiltSheet(whole, frozenset(self._rules), tuple(self._found.in_order()))

    # -- expressions -----------------------------------------------------------------------------

    def _formula(self, text: Scalar, name: str, *, bases: frozenset[Base] | None) -> tuple[int, Kind]:
        """Type an expression; its number and kind. Without ``bases`` it must be a condition."""
        typed = check(parsed(text.text, text.source), self._env, condition=bases is None)
        self._found.extend(typed.diagnostics)
        kind = typed.node.kind if typed.ok else Kind(Base.SCORE)
        if typed.ok and bases is not None and kind.base not in bases:
            self._found.add("SHEET-EXPRESSION-KIND", text.source, item=name)
        if typed.ok:
            self._formulas.append(Formula(name, typed))
        return len(self._formulas) - 1, kind

    def _condition(self, text: Scalar | None, name: str) -> int | None:
        return None if text is None else self._formula(text, name, bases=None)[0]

    # -- items -----------------------------------------------------------------------------------

    def _item(self, item: ScoredItemDocument, kind: str) -> SheetItem:
        automatic = self._automatic(item, kind) if item.automatic is not None else None
        scored = () if automatic is not None else item.scorers or self._document.scorers
        looked_at = [*_rules_of(item.automatic), *(rule.text for rule in item.evidence)]
        return SheetItem(
            code=item.code,
            title=words(item.title),
            kind=kind,
            max=item.max,
            scorers=scored,
            automatic=automatic,
            applies=self._condition(item.applies_when, item.code),
            rules=tuple(dict.fromkeys(looked_at)),
        )

    def _automatic(self, item: ScoredItemDocument, kind: str) -> Automatic | None:
        document = item.automatic
        assert document is not None
        allowed = ("rule", "when") if kind == "VETO" else ("outcome", "deduct", "score", "share")
        if len(document.ways) != 1 or document.ways[0] not in allowed:
            self._found.add(
                "SHEET-AUTOMATIC", document.mark.source, item=item.code, allowed="、".join(allowed)
            )
            return None
        self._rules.update(_rules_of(document))
        if document.outcome is not None:
            return self._by_outcome(document, item)
        if document.deduct is not None:
            if item.max is None or kind != "NORMAL":
                self._found.add("SHEET-DEDUCT-FROM", document.mark.source, item=item.code)
            return ByDeduction(
                tuple(
                    Deduction(
                        rule=one.rule.text if one.rule is not None else None,
                        formula=self._condition(one.when, item.code),
                        each=one.each,
                        once=one.once,
                        at_most=one.at_most,
                    )
                    for one in document.deduct
                )
            )
        if document.score is not None:
            return ByFormula(*self._formula(document.score, item.code, bases=_POINTS), share=False)
        if document.share is not None:
            if item.max is None:
                self._found.add("SHEET-DEDUCT-FROM", document.mark.source, item=item.code)
            return ByFormula(*self._formula(document.share, item.code, bases=_SHARES), share=True)
        rule = document.rule.text if document.rule is not None else None
        return Occurs(rule, self._condition(document.when, item.code))

    def _by_outcome(self, document: AutomaticDocument, item: ScoredItemDocument) -> ByOutcome:
        outcome = document.outcome
        assert outcome is not None
        points = {
            name: value
            for name in ("PASS", "FAIL", "NOT_APPLICABLE", "EXEMPT")
            if (value := getattr(outcome, name)) is not None
        }
        for name, value in points.items():
            if item.max is not None and value > item.max:
                place = outcome.mark.value(name)
                self._found.add("SHEET-ABOVE-MAX", place, item=item.code)
        return ByOutcome(outcome.rule.text, points)

    # -- parameters ------------------------------------------------------------------------------

    def _parameter(self, name: Scalar, operators: tuple[str, ...]) -> str:
        """A parameter of points with one of these operators."""
        known = self._parameters.get(name.text)
        if known is None:
            self._found.add("SHEET-PARAMETER", name.source, id=name.text)
        elif known.kind != "score" or known.operator not in operators:
            self._found.add("SHEET-PARAMETER-KIND", name.source, id=name.text, operators="、".join(operators))
        self._named[name.text] = None
        return name.text

    def _pass_marks(self) -> dict[str, str]:
        mark = self._document.pass_mark
        if mark is None:
            return {}
        if mark.param is not None:
            return {"": self._parameter(mark.param, ("GE", "GT"))}
        rounds = self._env.vocabularies.get(ROUND, frozenset())
        for entry in mark.by_round:
            if entry.name.text not in rounds:
                known = "、".join(sorted(rounds)) or "–"
                self._found.add("SHEET-ROUND", entry.name.source, round=entry.name.text, known=known)
        return {entry.name.text: self._parameter(entry.value, ("GE", "GT")) for entry in mark.by_round}

    def _bands(self) -> tuple[Band, ...]:
        return tuple(
            Band(
                band.code,
                words(band.title) if band.title is not None else Words(band.code, band.code),
                self._parameter(band.at_least, ("GE",)) if band.at_least is not None else None,
                band.excellent,
            )
            for band in self._document.bands
        )

    def _shares(self) -> dict[str, int]:
        shares: dict[str, int] = {}
        for entry in self._document.shares:
            try:
                shares[entry.name.text] = int(parse_literal("rate", entry.value.text))
            except LiteralError as error:
                text = entry.value.text[:40]
                self._found.add(
                    "VALUE-KIND", entry.value.source, text=text, kind="rate", expected=error.expected
                )
        return shares


def _rules_of(automatic: AutomaticDocument | None) -> Iterable[str]:
    """The rules that an automatic item names."""
    if automatic is None:
        return
    if automatic.outcome is not None:
        yield automatic.outcome.rule.text
    if automatic.rule is not None:
        yield automatic.rule.text
    yield from (one.rule.text for one in automatic.deduct or () if one.rule is not None)
