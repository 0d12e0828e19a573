"""A view: one ruleset as it stands for one region on one day, ready to be evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules_service.facts.context import FactContext
from rules_service.language.generator import Program
from rules_service.language.template import Template
from rules_service.model.check_documents import BasisDocument, CheckDocument
from rules_service.model.decision_documents import DecisionDocument, VerdictMapDocument
from rules_service.values.kinds import Kind
from rules_service.values.outcomes import Action, Proof, Severity, ValueSource

__all__ = ["Bilingual", "OffCheck", "ParameterValue", "ServiceView", "Step", "View", "ViewCheck"]

Bilingual = tuple[str, str]
"""A text in Chinese and in English."""


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter as it stands in a view.

    ``value`` is in the engine's representation (``docs/architecture.md`` §1), ``None`` if empty;
    ``text`` is the value as its author wrote it; ``words`` says value and operator in words
    ("超过10个百分点"); ``layer`` is the region whose file gave the value.
    """

    id: str
    title: Bilingual
    kind: Kind
    operator: str
    value: object
    text: str
    words: Bilingual
    layer: str
    effective_from: str
    source: ValueSource
    proof: Proof | None
    note: Bilingual


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a severity list: ``level`` after the ceilings, ``declared`` as written."""

    level: Severity
    declared: Severity


@dataclass(frozen=True, slots=True)
class ViewCheck:
    """A check in force, with all that its findings say.

    ``steps`` run from the highest down and have the order of the program's severity steps;
    ``highest`` is the highest level that it can reach; ``parameters`` are those that its conditions
    read, in source order; ``dormant`` names the empty parameter that puts it to sleep, if any;
    ``at`` is the fact whose cell is shown; ``layer`` the region whose file holds the check.

    Conditions of reason codes and the expressions of a suggestion are compiled as further ``let``
    values of the check's unit, with names that begin with ``$`` (``$reason0``, ``$reference``,
    ``$standard``); ``reasons`` and ``suggestion`` name them (``None``: unconditional, none given).
    """

    document: CheckDocument
    stratum: int
    title: Bilingual
    message: tuple[Template, Template]
    remedy: tuple[Template, Template]
    steps: tuple[Step, ...]
    highest: Severity
    parameters: tuple[str, ...]
    exempt_for: frozenset[str]
    dormant: str | None
    at: str | None
    actions: tuple[Action, ...]
    reasons: tuple[tuple[str, str | None], ...]
    suggestion: tuple[str, str | None] | None
    basis: tuple[BasisDocument, ...]
    layer: str


@dataclass(frozen=True, slots=True)
class OffCheck:
    """A check that an overlay switched off, and why."""

    rule_id: str
    title: Bilingual
    reason: Bilingual
    layer: str


@dataclass(frozen=True, slots=True)
class ServiceView:
    """The checks and decisions of one service (``review`` or ``assess``).

    ``checks`` stand in the order of the program's check numbers, dormant ones too (the program
    does not evaluate them); ``P`` holds the parameters' values in the order the program wants.
    """

    checks: tuple[ViewCheck, ...]
    program: Program
    P: tuple[object, ...]
    decisions: tuple[DecisionDocument, ...]
    off: tuple[OffCheck, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One ruleset for one region chain and an interval of rule dates."""

    bundle_id: str
    version: str
    hash: str
    region_chain: tuple[str, ...]
    layer: str
    valid_from: int
    valid_to: int
    services: Mapping[str, ServiceView]
    parameters: Mapping[str, ParameterValue]
    fact_context: FactContext
    verdict_map: VerdictMapDocument
    verdict_maps: Mapping[str, VerdictMapDocument]
    messages: Mapping[str, Bilingual]
    families: Mapping[str, Bilingual] = field(default_factory=dict)
