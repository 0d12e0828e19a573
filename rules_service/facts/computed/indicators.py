"""Facts of an indicator's place and name: blank, duplicate, misplaced, graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["grade_count", "is_duplicate", "is_misplaced", "name_is_blank"]


@computes("indicator.name_is_blank", "lv3_name")
def name_is_blank(context: FactContext, name: str | None) -> bool | Absent:
    """Blank, or a name that says nothing."""
    return because("lv3_name") if name is None else context.is_placeholder(name)


@computes("indicator.is_duplicate", "@seen", "lv3_name", "unit_raw")
def is_duplicate(
    _context: FactContext, seen: set[tuple[str, str]], name: str | None, unit: str | None
) -> bool | Absent:
    """Whether an earlier indicator of the goal has this name and unit; a blank name repeats nothing."""
    if name is None:
        return because("lv3_name")
    if not name:
        return False
    if unit is None:
        return because("unit_raw")
    key = (name.replace(" ", ""), unit.replace(" ", ""))
    if key in seen:
        return True
    seen.add(key)
    return False


@computes("indicator.is_misplaced", "lv1_code", "lv2_code", "has:lv2_code", "goal:tree_version")
def is_misplaced(
    context: FactContext, level1: str | None, level2: str | None, has_level2: bool | None, version: str | None
) -> bool | Absent:
    """Whether level 2 is no child of level 1 in the goal's tree; without a level 2 nothing is misplaced."""
    if has_level2 is False:
        return False
    for name, value in (("lv1_code", level1), ("lv2_code", level2), ("goal:tree_version", version)):
        if value is None:
            return because(name)
    assert level1 is not None
    assert level2 is not None
    tree = context.trees.get(version or "")
    if tree is None:
        return Absent(MissingReason.UNKNOWN_CODE, "goal:tree_version")
    return tree.misplaced(level1, level2)


@computes("indicator.grade_count", "qualitative_grades")
def grade_count(_context: FactContext, grades: tuple[tuple[str], ...] | None) -> int | Absent:
    """How many grades a qualitative indicator has; rows without a name don't count."""
    return because("qualitative_grades") if grades is None else sum(bool(name) for (name,) in grades)
