"""Expressions of a ruleset, parsed once however many views they are typed for."""

from __future__ import annotations

from functools import lru_cache

from rules_service.language.parser import parse
from rules_service.language.tree import Tree
from rules_service.model.diagnostics import Source

__all__ = ["parsed"]


@lru_cache(maxsize=16384)
def parsed(text: str, source: Source) -> Tree:
    """The tree of an expression."""
    return parse(text, source)
