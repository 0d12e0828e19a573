"""The few functions that generated code may call."""

from __future__ import annotations

from rules_service.values.dates import add_months
from rules_service.values.numbers import ratio_add, ratio_compare, ratio_div, ratio_mul, ratio_sub

__all__ = ["GLOBALS", "months_after"]


def months_after(day: int, months: int) -> int | None:
    """The same day ``months`` later, clipped to the month's end; ``None`` outside the years 1 to 9999."""
    try:
        return add_months(day, months)
    except (ValueError, OverflowError):
        return None


GLOBALS: dict[str, object] = {
    "__builtins__": {},
    "abs": abs,
    "bool": bool,
    "enumerate": enumerate,
    "len": len,
    "months_after": months_after,
    "ratio_add": ratio_add,
    "ratio_compare": ratio_compare,
    "ratio_div": ratio_div,
    "ratio_mul": ratio_mul,
    "ratio_sub": ratio_sub,
}
