"""Facts of the library of core indicators: what it names for a project's use, and what was chosen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.library import label
from rules_service.facts.missing import Absent, because
from rules_service.values.outcomes import MissingReason

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["core_indicator", "core_indicators", "core_library", "required_core_indicators"]

_USE = ("industry_code", "category_code", "use_code")


@computes("project.core_library")
def core_library(context: FactContext) -> str | Absent:
    """The libraries in force, with their versions; missing where there is none."""
    if not context.libraries:
        return Absent(MissingReason.NOT_SENT, "project.core_library")
    return "、".join(library.document.name_zh for library in context.libraries.all)


@computes("project.core_indicators", *_USE)
def core_indicators(context: FactContext, *use: str | None) -> tuple[str, ...] | Absent:
    """Names and codes of the core indicators for the project's use, without the common ones."""
    found = context.libraries.cores(use)
    return found if isinstance(found, Absent) else tuple(dict.fromkeys(map(label, found)))


@computes("project.required_core_indicators", *_USE)
def required_core_indicators(context: FactContext, *use: str | None) -> tuple[str, ...] | Absent:
    """Those of them that must be chosen."""
    found = context.libraries.cores(use)
    if isinstance(found, Absent):
        return found
    return tuple(dict.fromkeys(label(each) for each in found if each.required))


@computes("indicator.core_indicator", "core_indicator_code", "has:core_indicator_code")
def core_indicator(context: FactContext, code: str | None, chosen: bool | None) -> str | Absent:
    """Name and code of the core indicator that was chosen, "" where none was.

    Missing for a code that no library in force knows.
    """
    if chosen is False:
        return ""
    found = context.libraries.indicator(code)
    if found is not None:
        return label(found)
    if code is None:
        return because("core_indicator_code")
    return Absent(MissingReason.UNKNOWN_CODE, "indicator.core_indicator_code")
