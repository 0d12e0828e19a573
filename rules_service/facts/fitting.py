"""Which dimensions and units of measure fit a level-2 indicator: time for 时效, money for 成本."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules_service.facts.units import DIMENSIONS, Unit, UnitTable

__all__ = ["FittingRowError", "FittingUnits", "fitting_units"]


class FittingRowError(ValueError):
    """A row that can't be used; the text names what is wrong in it."""


@dataclass(frozen=True, slots=True)
class FittingUnits:
    """What the values of one level-2 indicator may be in; ``words`` are the table's own, for messages."""

    words: tuple[str, ...]
    dimensions: frozenset[str]
    codes: frozenset[str]

    def fits(self, unit: Unit) -> bool:
        """Whether a unit is of one of the dimensions, or one of the units."""
        return unit.dimension in self.dimensions or unit.code in self.codes


def fitting_units(rows: Iterable[Mapping[str, str]], units: UnitTable) -> dict[str, FittingUnits]:
    """By level-2 code, from rows {lv2_code, fits}; raises ``FittingRowError``.

    ``fits`` holds words separated by spaces: a dimension (时间, 金额), or one unit of the table (%, 分).
    """
    found: dict[str, FittingUnits] = {}
    for row in rows:
        words = tuple(row["fits"].split())
        dimensions = frozenset(words).intersection(DIMENSIONS)
        codes = []
        for word in words:
            unit = units.lookup(word)
            if word in dimensions:
                continue
            if unit is None:
                raise FittingRowError(word)
            codes.append(unit.code)
        if not row["lv2_code"] or not words:
            raise FittingRowError("fits" if row["lv2_code"] else "lv2_code")
        found[row["lv2_code"]] = FittingUnits(words, dimensions, frozenset(codes))
    return found
