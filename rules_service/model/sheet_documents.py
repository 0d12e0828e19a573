"""Documents of score sheets: dimensions, items, who scores them and how, pass marks and bands."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from rules_service.model.check_documents import BasisDocument, ExpressionText
from rules_service.model.fields import (
    Bilingual,
    Code,
    Day,
    Document,
    Entries,
    Flag,
    Identifier,
    Located,
    Text,
    Whole,
    fault,
    words,
)
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar
from rules_service.model.overlay_documents import OpenPoint

__all__ = [
    "ADJUSTMENTS",
    "AutomaticDocument",
    "BandDocument",
    "Combination",
    "DeductionDocument",
    "DimensionDocument",
    "NotApplicable",
    "OutcomePointsDocument",
    "PassMarkDocument",
    "ScoredItemDocument",
    "ScoredObject",
    "Scoring",
    "SheetDocument",
]

ADJUSTMENTS = ("bonus", "penalty", "veto")
"""The lists of a sheet that stand beside its dimensions."""


class ScoredObject(StrEnum):
    """What a sheet is about."""

    GOAL = "GOAL"
    SELF_EVALUATION = "SELF_EVALUATION"
    DEPARTMENT = "DEPARTMENT"


class Scoring(StrEnum):
    """Whether each scorer scores the whole sheet, or each item has one scorer."""

    PARALLEL = "parallel"
    DIVIDED = "divided"


class Combination(StrEnum):
    """How the totals of parallel scorers become one."""

    MEAN = "mean"
    LOWEST = "lowest"


class NotApplicable(StrEnum):
    """What becomes of the points of an item that does not apply."""

    SPREAD = "spread"
    FULL = "full"
    ZERO = "zero"


def _points(value: object) -> int:
    """Points above 0 as a fixed number."""
    text = value.text if isinstance(value, Scalar) else ""
    try:
        points = int(parse_literal("score", text))
    except LiteralError:
        raise fault("SHEET-POINTS", text=text[:40]) from None
    if points <= 0:
        raise fault("SHEET-POINTS", text=text[:40])
    return points


def _points_or_none(value: object) -> int:
    """Points, where 0 is allowed too."""
    text = value.text if isinstance(value, Scalar) else ""
    return 0 if text == "0" else _points(value)


PositivePoints = Annotated[int, BeforeValidator(_points)]
AnyPoints = Annotated[int, BeforeValidator(_points_or_none)]


class OutcomePointsDocument(Document):
    """Points by the outcome of one rule; without points for an outcome the item does not apply."""

    rule: Located
    PASS: AnyPoints
    FAIL: AnyPoints
    NOT_APPLICABLE: AnyPoints | None = None
    EXEMPT: AnyPoints | None = None


class DeductionDocument(Document):
    """Points taken off the maximum: for each failing finding of a rule, or once where something holds."""

    rule: Located | None = None
    when: ExpressionText | None = None
    each: PositivePoints | None = None
    once: PositivePoints | None = None
    at_most: PositivePoints | None = None

    @model_validator(mode="after")
    def _consistent(self) -> DeductionDocument:
        counted = self.rule is not None and self.each is not None
        single = (self.rule is None) != (self.when is None) and self.once is not None
        if not (counted and self.when is None and self.once is None) and not (single and self.each is None):
            raise fault("SHEET-DEDUCTION")
        if self.at_most is not None and self.each is None:
            raise fault("SHEET-DEDUCTION")
        return self


class AutomaticDocument(Document):
    """How rules score an item: exactly one way, and the documents on which the points rest.

    ``outcome`` maps the outcome of a rule to points; ``deduct`` takes points off the maximum, down to 0;
    ``score`` is an expression of points, ``share`` one of the share of the maximum. Of a veto item
    ``outcome`` and the others make no sense: it has ``rule`` (it failed) or ``when``.
    """

    outcome: OutcomePointsDocument | None = None
    deduct: Annotated[tuple[DeductionDocument, ...], Field(min_length=1)] | None = None
    score: ExpressionText | None = None
    share: ExpressionText | None = None
    rule: Located | None = None
    when: ExpressionText | None = None
    basis: Annotated[tuple[BasisDocument, ...], Field(min_length=1)]

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that are given."""
        names = ("outcome", "deduct", "score", "share", "rule", "when")
        return tuple(name for name in names if getattr(self, name) is not None)


class ScoredItemDocument(Document):
    """One item: scored by rules (``automatic``) or by people (``scorers``, else those of the sheet).

    Without ``max`` its points are limited by those of the dimension or sheet only: the document does not
    state them. ``evidence`` are rules whose outcomes are shown to whoever scores the item.
    """

    code: Identifier
    title: Bilingual
    max: PositivePoints | None = None
    criterion: Bilingual | None = None
    applies_when: ExpressionText | None = None
    scorers: tuple[Code, ...] = ()
    automatic: AutomaticDocument | None = None
    evidence: tuple[Located, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> ScoredItemDocument:
        if self.automatic is not None and self.scorers:
            raise fault("SHEET-TWO-MODES", item=self.code)
        return self


class DimensionDocument(Document):
    """A head of the sheet and its items; a template may have none."""

    code: Identifier
    title: Bilingual
    max: PositivePoints | None = None
    items: tuple[ScoredItemDocument, ...] = ()


class BandDocument(Document):
    """A band, from the highest down: the parameter that a total must reach; the last one has none."""

    code: Code
    title: Bilingual | None = None
    at_least: Located | None = None
    excellent: Flag = False


class PassMarkDocument(Document):
    """The pass mark: one parameter, or one for each round of a review."""

    param: Located | None = None
    by_round: Entries[Located] = ()

    @model_validator(mode="after")
    def _consistent(self) -> PassMarkDocument:
        if (self.param is None) == (not self.by_round):
            raise fault("SHEET-PASS-MARK")
        return self


def _pass_mark(value: object) -> object:
    """A single parameter may be written without ``param``."""
    return {"param": value} if isinstance(value, Scalar) else value


class SheetDocument(Document):
    """A score sheet as its author wrote it (``docs/rulesets.md``).

    ``scoring`` says whether each of the scorers scores the whole sheet (``combine`` or ``shares`` then make
    one total) or each item has its own. ``capped`` says whether bonus points count beyond the ``total``.
    A ``template`` lacks items or points that the place must fill in:
    it is listed, and scores nothing. ``instead_of`` names sheets of higher layers that it replaces.
    """

    id: Identifier
    version: Text
    title: Bilingual
    object: Annotated[ScoredObject, BeforeValidator(words(ScoredObject))]
    template: Flag = False
    items_expected: Whole | None = None
    instead_of: tuple[Located, ...] = ()
    applies_when: ExpressionText | None = None
    scorers: Annotated[tuple[Code, ...], Field(min_length=1)]
    scoring: Annotated[Scoring, BeforeValidator(words(Scoring))] = Scoring.DIVIDED
    combine: Annotated[Combination, BeforeValidator(words(Combination))] | None = None
    shares: Entries[Located] = ()
    total: PositivePoints | None = None
    capped: Flag | None = None
    not_applicable: Annotated[NotApplicable, BeforeValidator(words(NotApplicable))] | None = None
    pass_mark: Annotated[PassMarkDocument, BeforeValidator(_pass_mark)] | None = None
    bands: tuple[BandDocument, ...] = ()
    dimensions: Annotated[tuple[DimensionDocument, ...], Field(min_length=1)]
    bonus: tuple[ScoredItemDocument, ...] = ()
    penalty: tuple[ScoredItemDocument, ...] = ()
    veto: tuple[ScoredItemDocument, ...] = ()
    left_open: tuple[OpenPoint, ...] = ()
    basis: Annotated[tuple[BasisDocument, ...], Field(min_length=1)]
    owner: Text | None = None
    effective_from: Day | None = None
    effective_to: Day | None = None

    @property
    def normal(self) -> Iterator[ScoredItemDocument]:
        """The items of the dimensions."""
        return (item for dimension in self.dimensions for item in dimension.items)

    @property
    def adjustments(self) -> Iterator[ScoredItemDocument]:
        """Bonus, penalty and veto items."""
        return (item for name in ADJUSTMENTS for item in getattr(self, name))

    @property
    def every(self) -> Iterator[ScoredItemDocument]:
        """All items in the order of the file."""
        yield from self.normal
        yield from self.adjustments

    @model_validator(mode="after")
    def _consistent(self) -> SheetDocument:
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise fault("DOC-DATES-REVERSED")
        if self.template and not self.left_open:
            raise fault("SHEET-TEMPLATE-WHY", id=self.id)
        if len(set(self.scorers)) != len(self.scorers):
            raise fault("SHEET-SCORER-TWICE", id=self.id)
        if self.bands and (
            self.bands[-1].at_least is not None or any(band.at_least is None for band in self.bands[:-1])
        ):
            raise fault("SHEET-BANDS")
        return self
