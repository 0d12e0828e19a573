"""Score sheets as the engine works with them: typed parts, formulas by number, parameters by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules_service.compile.view import BasisDoc, Words
from rules_service.model.sheet_documents import Combination, NotApplicable, ScoredObject
from rules_service.values.kinds import Kind
from rules_service.values.outcomes import Proof

if TYPE_CHECKING:
    from rules_service.language.typed import Formula

__all__ = [
    "Automatic",
    "Band",
    "ByDeduction",
    "ByFormula",
    "ByOutcome",
    "Deduction",
    "Dimension",
    "ItemKind",
    "Occurs",
    "Sheet",
    "SheetItem",
]

ItemKind = str
"""NORMAL, BONUS, PENALTY or VETO."""


@dataclass(frozen=True, slots=True)
class ByOutcome:
    """Points (fixed × 10¹²) by the outcome of a rule; an outcome without points: the item does not apply."""

    rule: str
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points off: for ``each`` failing finding of a rule, or ``once`` if it fails or a formula holds."""

    rule: str | None
    formula: int | None
    each: int | None
    once: int | None
    at_most: int | None


@dataclass(frozen=True, slots=True)
class ByDeduction:
    """The maximum less what is taken off, down to 0."""

    deductions: tuple[Deduction, ...]


@dataclass(frozen=True, slots=True)
class ByFormula:
    """What a formula of ``kind`` says: points, or with ``share`` the share of the maximum."""

    formula: int
    kind: Kind
    share: bool


@dataclass(frozen=True, slots=True)
class Occurs:
    """A veto: ``rule`` has failed, or a formula holds."""

    rule: str | None
    formula: int | None


Automatic = ByOutcome | ByDeduction | ByFormula | Occurs


@dataclass(frozen=True, slots=True)
class SheetItem:
    """An item; ``max`` is ``None`` where no document states it; ``scorers`` are empty for an automatic one.

    ``applies`` is the number of the formula that says whether it applies; ``rules`` are those that its
    points or the people who score it look at.
    """

    code: str
    title: Words
    kind: ItemKind
    max: int | None
    scorers: tuple[str, ...]
    automatic: Automatic | None
    applies: int | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A head of a sheet."""

    code: str
    title: Words
    max: int | None
    items: tuple[SheetItem, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A band and the parameter that a total must reach; the lowest has none."""

    code: str
    title: Words
    at_least: str | None
    excellent: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A score sheet of a view.

    Numbers of formulas count from ``first`` in the view's program. ``shares`` are fractions × 10¹² of
    parallel scorers. ``pass_marks`` maps rounds to parameters; "" is the mark without rounds. ``proof`` is
    the weakest of what its points rest on; ``left_open`` says what no document states, and why.
    """

    id: str
    version: str
    title: Words
    layer: str
    object: ScoredObject
    template: bool
    scorers: tuple[str, ...]
    parallel: bool
    combine: Combination | None
    shares: Mapping[str, int]
    total: int | None
    capped: bool
    not_applicable: NotApplicable | None
    applies: int | None
    pass_marks: Mapping[str, str]
    bands: tuple[Band, ...]
    dimensions: tuple[Dimension, ...]
    adjustments: tuple[SheetItem, ...]
    basis: tuple[BasisDoc, ...]
    proof: Proof
    parameters: tuple[str, ...]
    left_open: tuple[tuple[Words, Words], ...]
    formulas: tuple[Formula, ...]
    first: int = 0
