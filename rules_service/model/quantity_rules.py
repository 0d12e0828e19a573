"""How many things a standard allows: a number for each head, in steps, with what special cases may add."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rules_service.model.widths import narrow
from rules_service.values.numbers import SCALE

__all__ = ["PER", "QuantityRule", "QuantityRuleError", "read_quantity_rule"]

PER: Final = ("编制", "实有", "编制内实有", "处室")
"""What is counted: approved posts, people there, the lesser of both, or offices."""
_OPEN = "不限"
_UP = "进整"
_STEP = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(%|/\d{1,9})?(?:\(≤(\d{1,9})\))?", re.ASCII)
_EXPECTED = "50% 或 1/20(≤100);1/30"

Share = tuple[int, int]


class QuantityRuleError(ValueError):
    """A text that is no quantity rule; ``column`` is the one that is wrong, ``expected`` the right form."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(expected)
        self.column = column
        self.expected = expected


@dataclass(frozen=True, slots=True)
class QuantityRule:
    """``per`` one of ``PER``; ``steps`` are shares (n, d) a head, each up to a number of heads.

    ``rounds_up``: a part of a thing counts as a whole one, in each step.  ``exception`` is the share for
    special cases; ``is_open`` says that the document allows more in special cases without saying how much.
    """

    per: str
    steps: tuple[tuple[Share, int | None], ...]
    rounds_up: bool = False
    exception: Share | None = None
    is_open: bool = False

    def limit(self, heads: int) -> int:
        """How many are allowed for ``heads``, × 10¹²; without rounding up what 12 decimals hold of it."""
        total = below = 0
        for share, up_to in self.steps:
            part = max(min(heads, up_to) - below if up_to is not None else heads - below, 0)
            total += self._of(share, part)
            below = up_to if up_to is not None else heads
        return total

    def special(self, heads: int) -> int:
        """How many are allowed in special cases, × 10¹²; as ``limit`` where nothing is said of them."""
        return self.limit(heads) if self.exception is None else self._of(self.exception, heads)

    def _of(self, share: Share, heads: int) -> int:
        above, below = share[0] * heads, share[1]
        return -(-above // below) * SCALE if self.rounds_up else above * SCALE // below


def read_quantity_rule(per: str, most: str, rounding: str, exception: str) -> QuantityRule | None:
    """The rule in the four columns, ``None`` if they are blank; raises ``QuantityRuleError``."""
    per, most, rounding, exception = map(narrow, (per, most, rounding, exception))
    if not (per or most or rounding or exception):
        return None
    if per not in PER:
        raise QuantityRuleError("qty_per", "、".join(PER))
    if rounding not in {"", _UP}:
        raise QuantityRuleError("qty_rounding", _UP)
    steps = [_step(text) for text in most.split(";")]
    ends = [up_to for _, up_to in steps[:-1]]
    if steps[-1][1] is not None or None in ends or ends != sorted({end for end in ends if end is not None}):
        raise QuantityRuleError("qty_max", _EXPECTED)
    special = _step(exception, "exception")[0] if exception not in {"", _OPEN} else None
    return QuantityRule(per, tuple(steps), bool(rounding), special, is_open=exception == _OPEN)


def _step(text: str, column: str = "qty_max") -> tuple[Share, int | None]:
    match = _STEP.fullmatch(text.replace(" ", ""))
    if match is None:
        raise QuantityRuleError(column, _EXPECTED if column == "qty_max" else f"150%（或 {_OPEN}）")
    whole, _, fraction = match[1].partition(".")
    above, below = int(whole + fraction), 10 ** len(fraction)
    if match[2] == "%":
        below *= 100
    elif match[2]:
        below *= int(match[2][1:])
    if not below:
        raise QuantityRuleError(column, _EXPECTED)
    return (above, below), int(match[3]) if match[3] else None
