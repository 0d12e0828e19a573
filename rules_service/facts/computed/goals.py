"""Facts of a goal: its kind and its indicator tree; its text's length, vagueness, substance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.facts.vague import VagueReading
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "behind_stage",
    "clause_count",
    "effective_tree",
    "scope",
    "text_is_placeholder",
    "text_length",
    "tree_known",
    "tree_level1",
    "vague_clauses",
]

_NO_TREE = Absent(MissingReason.NOT_SENT, "goal.tree_version")


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


@computes(
    "goal.scope",
    "goal_type",
    "has:goal_type",
    "project:project_category",
    "project:has:project_category",
)
def scope(
    context: FactContext,
    goal_type: str | None,
    has_type: bool | None,
    category: str | None,
    has_category: bool | None,
) -> str | Absent:
    """PROJECT, or the kind of goal beyond the project that its type or else the project's category says."""
    found = context.goal_scopes.get(("goal_type", goal_type or ""))
    if found is not None:
        return found
    found = context.goal_scopes.get(("project_category", category or ""))
    if found is not None:
        return found
    if goal_type is None and has_type is not False:
        return because("goal_type")
    if category is None and has_category is not False:
        return because("project:project_category")
    return "PROJECT"


@computes("goal.effective_tree", "tree_version", "has:tree_version", "scope", "@rule_date")
def effective_tree(
    context: FactContext, version: str | None, filed: bool | None, kind: str | None, day: int | None
) -> str | Absent:
    """The version filed, else the one on which such goals stand on the rule date."""
    found = _tree(context, version, filed, kind, day)
    return _NO_TREE if found is None else found


@computes("goal.tree_known", "tree_version", "has:tree_version", "scope", "@rule_date")
def tree_known(
    context: FactContext, version: str | None, filed: bool | None, kind: str | None, day: int | None
) -> bool | Absent:
    """Whether the goal stands on any tree: it names one, or such goals have one on the rule date."""
    found = _tree(context, version, filed, kind, day)
    return found if isinstance(found, Absent) else found is not None


@computes("goal.tree_level1", "effective_tree")
def tree_level1(context: FactContext, version: str | None) -> tuple[str, ...] | Absent:
    """The level-1 codes of the tree that the goal stands on."""
    tree = context.trees.get(version or "")
    return because("effective_tree") if tree is None else tuple(tree.children)


def _tree(
    context: FactContext, version: str | None, filed: bool | None, kind: str | None, day: int | None
) -> str | Absent | None:
    if version is not None:
        return version
    if filed:
        return because("tree_version")
    if kind is None or day is None:
        return because("scope" if kind is None else "@rule_date")
    return context.tree_in_force(kind, day)


@computes("goal.behind_stage", "goal_stage", "project:stage")
def behind_stage(context: FactContext, own: str | None, stage: str | None) -> bool | Absent:
    """Whether the budget has come to a stage that goals must have come to as well, and this one has not."""
    if stage is None:
        return because("project:stage")
    if own is None:
        return because("goal_stage")
    for name, code in (("project:stage", stage), ("goal_stage", own)):
        if code not in context.stage_steps:
            return Absent(MissingReason.UNKNOWN_CODE, name)
    steps = (context.stage_steps.get(code) for code in context.sync_stages)
    reached = [step for step in steps if step is not None and step <= context.stage_steps[stage]]
    return context.stage_steps[own] < max(reached, default=0)
