"""Facts of an indicator's place and name: blank, duplicate, misplaced, graded, on what basis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.reaching import Grades
from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = [
    "basis_is_blank",
    "evidence_is_blank",
    "fits_earlier_tree",
    "grade_count",
    "is_duplicate",
    "is_misplaced",
    "name_is_blank",
    "place_in_level2",
]


@computes("indicator.name_is_blank", "lv3_name")
def name_is_blank(context: FactContext, name: str | None) -> bool | Absent:
    """Blank, or a name that says nothing."""
    return because("lv3_name") if name is None else context.is_placeholder(name)


@computes("indicator.is_duplicate", "@seen", "lv3_name", "unit_raw")
def is_duplicate(
    _context: FactContext, seen: dict[tuple[str, ...], int], name: str | None, unit: str | None
) -> bool | Absent:
    """Whether an earlier indicator of the goal has this name and unit; a blank name repeats nothing."""
    if name is None:
        return because("lv3_name")
    if not name:
        return False
    if unit is None:
        return because("unit_raw")
    return _count(seen, (name.replace(" ", ""), unit.replace(" ", ""))) > 1


@computes("indicator.place_in_level2", "@seen", "lv2_code", "lv3_name")
def place_in_level2(
    context: FactContext, seen: dict[tuple[str, ...], int], level2: str | None, name: str | None
) -> int | Absent:
    """Which of the goal's named indicators of its level 2 it is, from 1 on; 0 without a name."""
    if level2 is None or name is None:
        return because("lv2_code" if level2 is None else "lv3_name")
    return 0 if context.is_placeholder(name) else _count(seen, (level2,))


def _count(seen: dict[tuple[str, ...], int], key: tuple[str, ...]) -> int:
    seen[key] = times = seen.get(key, 0) + 1
    return times


@computes(
    "indicator.is_misplaced",
    "lv1_code",
    "lv2_code",
    "has:lv2_code",
    "goal:effective_tree",
    "goal:tree_known",
)
def is_misplaced(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    level1: str | None,
    level2: str | None,
    has_level2: bool | None,
    version: str | None,
    tree_known: bool | None,
) -> bool | Absent:
    """Whether level 2 is no child of level 1 in the goal's tree.

    Without a level 2, or without a tree to stand on, nothing is misplaced.
    """
    if has_level2 is False or tree_known is False:
        return False
    for name, value in (("lv1_code", level1), ("lv2_code", level2), ("goal:effective_tree", version)):
        if value is None:
            return because(name)
    assert level1 is not None
    assert level2 is not None
    tree = context.trees.get(version or "")
    if tree is None:
        return Absent(MissingReason.UNKNOWN_CODE, "goal:tree_version")
    return tree.misplaced(level1, level2)


@computes("indicator.fits_earlier_tree", "lv1_code", "lv2_code", "goal:scope", "@rule_date")
def fits_earlier_tree(
    context: FactContext, level1: str | None, level2: str | None, scope: str | None, day: int | None
) -> bool | Absent:
    """Whether level 2 is a child of level 1 in a tree that such goals have stood on until now."""
    for name, value in (
        ("lv1_code", level1),
        ("lv2_code", level2),
        ("goal:scope", scope),
        ("@rule_date", day),
    ):
        if value is None:
            return because(name)
    trees = [tree for tree in context.trees.values() if tree.in_force(scope or "", day or 0)]
    return any(not tree.misplaced(level1 or "", level2 or "") for tree in trees)


@computes("indicator.basis_is_blank", "has:value_basis_code", "value_basis_text")
def basis_is_blank(context: FactContext, code: bool | None, text: str | None) -> bool | Absent:
    """Whether neither a kind of basis was chosen nor one told in words; a placeholder tells nothing."""
    if code:
        return False
    if text is not None and not context.is_placeholder(text):
        return False
    if code is None or text is None:
        return because("has:value_basis_code" if code is None else "value_basis_text")
    return True


@computes("indicator.evidence_is_blank", "evidence_source")
def evidence_is_blank(context: FactContext, text: str | None) -> bool | Absent:
    """Whether no source of evidence is named; a placeholder names none."""
    return because("evidence_source") if text is None else context.is_placeholder(text)


@computes("indicator.grade_count", "qualitative_grades")
def grade_count(_context: FactContext, grades: Grades | None) -> int | Absent:
    """How many grades a qualitative indicator has; rows without a name don't count."""
    return because("qualitative_grades") if grades is None else sum(bool(name) for name, _, _ in grades)
