"""What the engine works with: the rules of one region chain over an interval of rule dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rules_service.model.decision_documents import Test
from rules_service.values.kinds import Kind
from rules_service.values.outcomes import Action, Proof, Severity, ValueSource

if TYPE_CHECKING:
    from rules_service.compile.sheet_view import Sheet
    from rules_service.facts.context import FactContext
    from rules_service.facts.library import Library
    from rules_service.language.layout import Layout
    from rules_service.language.program import Program
    from rules_service.language.template import Template
    from rules_service.language.typed import CheckUnit

__all__ = [
    "ActionDoc",
    "BasisDoc",
    "ConditionDoc",
    "DecisionDoc",
    "InactiveCheck",
    "ParameterValue",
    "ReasonDoc",
    "SuggestionDoc",
    "TableDoc",
    "TemplatePair",
    "TextCase",
    "VerdictDoc",
    "VerdictMap",
    "View",
    "ViewCheck",
    "ViewSeverity",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Words:
    """A text for people in Chinese and English."""

    zh: str
    en: str

    def text(self, language: str) -> str:
        """The text in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class TemplatePair:
    """A message template in Chinese and English."""

    zh: Template
    en: Template

    def template(self, language: str) -> Template:
        """The template in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class TextCase:
    """One of the texts of a message; ``let`` names the value in the trace that chooses it (None: always)."""

    let: str | None
    text: TemplatePair


@dataclass(frozen=True, slots=True)
class BasisDoc:
    """A document that a rule or conclusion rests on."""

    document: str
    article: str
    proof: Proof
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter as it stands in a view.

    ``value`` follows docs/architecture.md §1 (money in 分, rates and points × 10¹², lists as tuples) and is
    ``None`` where no value is in force; ``text`` is the value as written; ``layer`` is the region whose
    file gives it; ``effective_from`` is a day number.
    """

    id: str
    title: Words
    kind: str
    element: str | None
    value: Any
    text: str
    operator: str | None
    unit: str
    layer: str
    effective_from: int | None
    source: ValueSource
    proof: Proof | None
    document: str
    article: str
    note: Words | None
    stricter: str | None
    locked_by: str | None

    @property
    def type(self) -> Kind:
        """Its kind."""
        return Kind.parse(f"{self.kind}<{self.element}>" if self.element else self.kind)

    @property
    def is_empty(self) -> bool:
        """Whether no value is in force: reading it is MISSING(PARAM_EMPTY)."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class ViewSeverity:
    """One step of a check's severities; the unit and its traces name steps by their place in the list.

    ``level`` is what a finding gets, ``declared`` what the author wrote, ``limited_by`` the proof whose
    ceiling lies between them. A ``dormant`` step reads an empty parameter; the program leaves it out.
    """

    level: Severity
    declared: Severity
    limited_by: Proof | None
    dormant: bool


@dataclass(frozen=True, slots=True)
class ReasonDoc:
    """A reason code; ``let`` names the value in the trace that says whether it holds (None: always)."""

    code: str
    let: str | None


@dataclass(frozen=True, slots=True)
class ActionDoc:
    """A recommended action; ``let`` names the value in the trace that says whether it does (None: always)."""

    action: Action
    let: str | None


@dataclass(frozen=True, slots=True)
class SuggestionDoc:
    """Names of the values in the check's trace that are offered with a finding."""

    reference_value: str
    standard_id: str | None


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A decision table that a check reads; ``rows`` say each row by its number, 0 being all other cases.

    ``hit`` says which rows count: unique, first, or how all are put together (sum, min, max, list).
    ``said`` and ``row`` name the values in the trace: what the table says, and which row (or rows) held.
    """

    id: str
    title: Words
    layer: str
    hit: str
    said: str
    row: str
    rows: Mapping[int, Words]


@dataclass(frozen=True, slots=True)
class ViewCheck:
    """A check with everything that its findings show.

    ``number`` is its position in the view's program (-1 for an inactive check); ``parameters`` are the ids
    that it reads; ``at`` is the fact whose cell is coloured; ``layer`` is the region that defines it. Of
    ``message`` and ``remedy`` the first text that holds is said; the last always does. ``names`` are what
    people call the named values of the check, ``tables`` the decision tables that it reads.
    """

    number: int
    id: str
    version: str
    family: str
    service: str
    subject: str
    stratum: int
    unit: CheckUnit
    title: Words
    message: tuple[TextCase, ...]
    remedy: tuple[TextCase, ...]
    severities: tuple[ViewSeverity, ...]
    reasons: tuple[ReasonDoc, ...]
    suggestion: SuggestionDoc | None
    exempt_for: frozenset[str]
    actions: tuple[ActionDoc, ...]
    override_allowed: bool
    tags: tuple[str, ...]
    at: str | None
    basis: tuple[BasisDoc, ...]
    parameters: tuple[str, ...]
    layer: str
    names: Mapping[str, Words]
    tables: tuple[TableDoc, ...] = ()


@dataclass(frozen=True, slots=True)
class InactiveCheck:
    """A check that is not evaluated here, listed under what was not checked.

    ``reason`` is SWITCHED_OFF (``note`` says why), PARAM_EMPTY (``parameters`` are the empty ones) or
    NO_SUBJECT (there is no score sheet that it could be about);
    CASE_PARAM_EMPTY where the check runs, but for the cases that rest on the empty ones.
    """

    check: ViewCheck
    reason: str
    parameters: tuple[str, ...] = ()
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class ConditionDoc:
    """There is a decision fact of ``kind`` that passes every test (field → allowed values, or a minimum)."""

    alias: str
    kind: str
    tests: tuple[tuple[str, Test], ...]


@dataclass(frozen=True, slots=True)
class DecisionDoc:
    """One decision rule; ``joins`` are pairs of (alias, field) whose values agree."""

    id: str
    service: str
    title: Words
    when: tuple[ConditionDoc, ...]
    joins: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    decision: str | None
    level: str | None
    action: str | None
    tag: str | None
    priority: int
    basis: tuple[BasisDoc, ...]


@dataclass(frozen=True, slots=True)
class VerdictDoc:
    """What a place calls a decision; ``grade`` is empty where there is none."""

    grade: str
    label: Words


@dataclass(frozen=True, slots=True)
class VerdictMap:
    """A place's words for every decision (by name).

    ``ungraded`` is said of a MANUAL that comes from an error, or because nothing was checked.
    """

    id: str
    title: Words
    verdicts: Mapping[str, VerdictDoc]
    ungraded: Words


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The rules that answer for one region chain and rule dates from ``rule_from`` up to ``rule_to``.

    ``region_chain`` runs from the root region to the one asked for; ``layer`` is the lowest region of it
    with rules of its own. ``inactive`` checks don't run; ``dormant_cases`` name checks that run without
    some of their cases. ``rule_from`` and ``rule_to`` are day numbers, ``None`` for no limit;
    ``rule_to`` is exclusive. ``P`` holds the values of ``program.parameters``. ``exemptions`` are the
    reasons that may exempt here. ``decisions`` and ``checks`` cover both services, ``review`` and ``assess``.
    """

    bundle_id: str
    version: str
    hash: str
    region_chain: tuple[str, ...]
    layer: str
    rule_from: int | None
    rule_to: int | None
    checks: tuple[ViewCheck, ...]
    inactive: tuple[InactiveCheck, ...]
    dormant_cases: tuple[InactiveCheck, ...]
    sheets: tuple[Sheet, ...]
    program: Program
    P: tuple[Any, ...]
    layout: Layout
    parameters: Mapping[str, ParameterValue]
    fact_context: FactContext
    decisions: Mapping[str, tuple[DecisionDoc, ...]]
    verdict_maps: Mapping[str, VerdictMap]
    verdict_map: str | None
    exemptions: frozenset[str]
    libraries: tuple[Library, ...]
    messages: Mapping[str, Words]
