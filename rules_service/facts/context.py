"""What a place's rules say about reading facts: words, units, standards, settings; one per resolved view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rules_service.facts.fitting import FittingUnits
from rules_service.facts.keywords import Keywords
from rules_service.facts.library import Libraries
from rules_service.facts.polarity import PolarityDictionary
from rules_service.facts.standards import Standards
from rules_service.facts.text import normalise
from rules_service.facts.units import UnitTable
from rules_service.facts.vague import VagueList
from rules_service.facts.vocabulary import ContentSet, IndicatorTree, Vocabulary

__all__ = ["FactContext", "ScheduleMode"]

ScheduleMode = Literal["MONTH", "DAY", "PROJECT_MONTHS"]
"""How the elapsed share of the year is counted: full months, days, or a project's own full months."""


@dataclass(frozen=True, slots=True, eq=False)
class FactContext:
    """Everything but the request that facts depend on.

    - ``vocabularies`` by the name of the code fact; a fact without one takes any code.
    - ``trees`` by ``goal.tree_version``; ``default_operators`` by level-2 code.
    - ``goal_scopes``: the kind of a goal by fact and code, (``goal_type``, 部门整体) → DEPARTMENT.
    - ``fitting_units``: by level-2 code the dimensions and units that its values may be in; without an
      entry any.  ``timing_words``: words that say when or how often without a number.
    - ``placeholders``: working copies of texts that say nothing (无, 略, 详见附件).
    - ``unbounded_rates``: words in the names of rates that may exceed 100 %; ``unitless_names``: endings
      of the names of indicators whose values need no unit.
    - ``libraries``: those of core indicators that are in force in the place.
    - ``stage_steps``: the order of the stages of the budget, equal numbers side by side; ``sync_stages``:
      those by which the goal must have come as far as the budget.
    - ``content_sets`` by ``project.ex_ante.content_set``; ``required_content_set`` is the one that the place
      demands ("" for none), ``extra_contents`` what it demands besides, in ``extra_categories``.
    - ``evaluation_authority``: kinds of evaluations, the highest first.
    - ``offers_values``: whether a review offers reference values.
    - ``exempt_reasons``: the reasons of exemption that this place accepts.
    """

    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    trees: Mapping[str, IndicatorTree] = field(default_factory=dict)
    units: UnitTable = field(default_factory=lambda: UnitTable(()))
    polarity: PolarityDictionary = field(default_factory=lambda: PolarityDictionary(()))
    keywords: Keywords = field(default_factory=Keywords)
    vague: VagueList = field(default_factory=lambda: VagueList(()))
    placeholders: frozenset[str] = frozenset()
    unbounded_rates: tuple[str, ...] = ()
    unitless_names: tuple[str, ...] = ()
    goal_scopes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    fitting_units: Mapping[str, FittingUnits] = field(default_factory=dict)
    timing_words: tuple[str, ...] = ()
    standards: Standards = field(default_factory=Standards)
    exempt_reasons: frozenset[str] = frozenset()
    default_operators: Mapping[str, str] = field(default_factory=dict)
    libraries: Libraries = field(default_factory=Libraries)
    stage_steps: Mapping[str, int] = field(default_factory=dict)
    sync_stages: tuple[str, ...] = ()
    content_sets: Mapping[str, ContentSet] = field(default_factory=dict)
    required_content_set: str = ""
    extra_contents: tuple[str, ...] = ()
    extra_categories: frozenset[str] = frozenset()
    evaluation_authority: tuple[str, ...] = ()
    offers_values: bool = False
    include_carry_in: bool = False
    schedule_mode: ScheduleMode = "MONTH"
    equal_weights: bool = False

    def code(self, name: str, raw: str) -> str | None:
        """The code of the fact ``name`` that ``raw`` stands for; ``None`` if blank or unknown."""
        vocabulary = self.vocabularies.get(name)
        if vocabulary is not None:
            return vocabulary.read(raw)
        return normalise(raw) or None

    def tree_in_force(self, scope: str, day: int) -> str | None:
        """The version on which a goal of this kind stands if it names none; ``None`` if there is none."""
        found = [(tree.since or 0, name) for name, tree in self.trees.items() if tree.in_force(scope, day)]
        return max(found)[1] if found else None

    def is_placeholder(self, text: str) -> bool:
        """Whether a working copy is blank or a placeholder, in any brackets or before a full stop."""
        bare = text.strip(" 。.;；,，()[]【】（）")
        return not bare or text in self.placeholders or bare in self.placeholders
