"""Facts of a goal's text: its length, whether it says anything, its vague clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["text_is_placeholder", "text_length"]


@computes("goal.text_length", "goal_text")
def text_length(_context: FactContext, text: str | None) -> int | Absent:
    """Characters without white space."""
    return because("goal_text") if text is None else len(text) - text.count(" ")


@computes("goal.text_is_placeholder", "goal_text")
def text_is_placeholder(context: FactContext, text: str | None) -> bool | Absent:
    """Blank, or a text that says nothing, such as 无 or 详见附件."""
    return because("goal_text") if text is None else context.is_placeholder(text)
