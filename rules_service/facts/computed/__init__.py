"""Computed facts: one small pure function each, grouped by theme; importing this registers them all."""

from __future__ import annotations

from rules_service.facts.computed import (
    actuals,
    allotment,
    comparisons,
    composites,
    core_indicators,
    costing,
    evaluations,
    fitting,
    gatherings,
    goal_progress,
    goals,
    idleness,
    indicators,
    monitoring,
    opinions,
    pricing,
    projects,
    reaching,
    relevance,
    tables,
    targets,
    timing,
    unit_costs,
)
from rules_service.facts.computed.registry import COMPUTATIONS, Computation

__all__ = ["COMPUTATIONS", "THEMES", "Computation"]

THEMES = (
    actuals,
    allotment,
    comparisons,
    composites,
    core_indicators,
    costing,
    evaluations,
    fitting,
    goal_progress,
    gatherings,
    goals,
    idleness,
    indicators,
    monitoring,
    opinions,
    pricing,
    projects,
    reaching,
    relevance,
    tables,
    targets,
    timing,
    unit_costs,
)
