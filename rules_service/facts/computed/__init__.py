"""Computed facts: one small pure function each, grouped by theme; importing this registers them all."""

from __future__ import annotations

from rules_service.facts.computed import (
    comparisons,
    core_indicators,
    costing,
    evaluations,
    fitting,
    goals,
    indicators,
    monitoring,
    opinions,
    pricing,
    projects,
    targets,
    timing,
)
from rules_service.facts.computed.registry import COMPUTATIONS, Computation

__all__ = ["COMPUTATIONS", "THEMES", "Computation"]

THEMES = (
    comparisons,
    core_indicators,
    costing,
    evaluations,
    fitting,
    goals,
    indicators,
    monitoring,
    opinions,
    pricing,
    projects,
    targets,
    timing,
)
