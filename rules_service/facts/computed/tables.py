"""Facts that tell whether two goal tables are the same: a digest of what they say, spaces and years apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from rules_service.facts.computed.registry import computes
from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.values.numbers import fixed_text

if TYPE_CHECKING:
    from rules_service.facts.context import FactContext

__all__ = ["table_hash", "table_row"]

_ROW = ("raw:lv1_code", "raw:lv2_code", "lv3_name", "operator", "target_raw", "target_value", "unit_raw")
_DIGEST_BYTES = 16
# A table that was copied is a copy with the year changed, and without.
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?=年|[-./][0-9])")


@computes("indicator.table_row", *_ROW)
@computes("prior_indicator.table_row", *_ROW)
def table_row(  # noqa: PLR0917 - one argument an input
    context: FactContext,
    level1: str | None,
    level2: str | None,
    name: str | None,
    operator: str | None,
    text: str | None,
    value: int | None,
    unit: str | None,
) -> str:
    """What one row says; a field that the host does not hold is blank in every table."""
    number = "" if value is None else fixed_text(value)
    cells = (
        _code(context, "indicator.lv1_code", level1),
        _code(context, "indicator.lv2_code", level2),
        _squeezed(name),
        operator or "",
        _squeezed(text) or number,
        _squeezed(unit),
    )
    return "\t".join(cells)


@computes("goal.table_hash", "goal_text", "each:indicator:table_row")
@computes("prior_goal.table_hash", "goal_text", "each:prior_indicator:table_row")
def table_hash(_context: FactContext, text: str | None, rows: Sequence[str] | None) -> str | Absent:
    """The digest of the whole table, whatever the order of its rows; blank for one that says nothing."""
    if text is None:
        return because("goal_text")
    if rows is None:
        return because("indicators")
    said = "\n".join([_squeezed(text), *sorted(rows)])
    if not said.strip():
        return ""
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def _code(context: FactContext, name: str, raw: str | None) -> str:
    return context.code(name, raw) or normalise(raw) if raw else ""


def _squeezed(text: str | None) -> str:
    return "" if text is None else _YEAR.sub("年", text.replace(" ", "").strip("。.;；,，、"))
