"""Facts of a goal's text: its length, whether it says anything, its vague clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.facts.vague import VagueReading

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["clause_count", "text_is_placeholder", "text_length", "vague_clauses"]


@computes("goal.text_length", "goal_text")
def text_length(_context: FactContext, text: str | None) -> int | Absent:
    """Characters without white space."""
    return because("goal_text") if text is None else len(text) - text.count(" ")


@computes("goal.text_is_placeholder", "goal_text")
def text_is_placeholder(context: FactContext, text: str | None) -> bool | Absent:
    """Blank, or a text that says nothing, such as 无 or 详见附件."""
    return because("goal_text") if text is None else context.is_placeholder(text)


@computes("goal.vague_clauses", "vague:goal_text")
def vague_clauses(_context: FactContext, read: VagueReading | None) -> tuple[str, ...] | Absent:
    """Working copies of the clauses with a vague term and no number, in order."""
    if read is None:
        return because("vague:goal_text")
    return tuple(dict.fromkeys(normalise(hit.clause) for hit in read.hits))


@computes("goal.clause_count", "vague:goal_text")
def clause_count(_context: FactContext, read: VagueReading | None) -> int | Absent:
    """Clauses that are not blank."""
    return because("vague:goal_text") if read is None else read.clauses
