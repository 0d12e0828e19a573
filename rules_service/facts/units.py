"""Units of measure: aliases, dimensions, exact conversion, and prices per something (元/人天, 元/㎡·年)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules_service.facts.text import clean_copy
from rules_service.values.numbers import Ratio, ratio_div, ratio_mul

__all__ = ["DIMENSIONS", "Unit", "UnitRowError", "UnitTable"]

DIMENSIONS = ("数量", "金额", "复合金额", "比率", "时间", "日期", "评级")
_PREFIXES: dict[str, int] = {
    "万亿": 10**12,
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "万": 10**4,
    "千": 10**3,
}
_SEPARATORS = re.compile(r"[/·•*]|每")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: ``factor`` of them in its ``base`` (万元: base 元, factor 10000/1).

    ``code`` is the canonical spelling.  ``alternatives`` are the units that a price per this one may be
    compared with: 台 and 件 of 台(件), 人 of 人次.
    """

    code: str
    dimension: str
    base: str
    factor: Ratio
    alternatives: frozenset[str] = frozenset()


class UnitRowError(ValueError):
    """A row of the unit table that can't be used; the text names the column."""


class UnitTable:
    """The units of a ruleset, from rows {unit, aliases, dimension, base, factor, case, priced_as} of texts.

    ``aliases`` and ``priced_as`` are separated by spaces; ``factor`` is ``10000`` or ``1/100``; ``base``
    empty: the unit itself; ``case`` "exact": the letters' case counts (MW).  Other columns are not read.
    """

    __slots__ = ("_counted", "_exact", "_folded")

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self._exact: dict[str, Unit] = {}
        self._folded: dict[str, Unit] = {}
        for row in rows:
            self._add(row)
        members = Counter(unit.base for unit in set(self._exact.values()))
        self._counted = frozenset(
            unit.base
            for unit in self._exact.values()
            if unit.dimension == "数量" and members[unit.base] == 1 and unit.factor == (1, 1)
        )

    def is_counted(self, unit: Unit) -> bool:
        """Whether a unit only counts things (间, 处, 人次): nothing else converts into it."""
        return unit.base in self._counted

    def lookup(self, text: str) -> Unit | None:
        """The unit a text names (in any spelling, with 万 or 亿 before it, or per something), or ``None``."""
        return self._find(clean_copy(text).text)

    def code(self, text: str) -> str:
        """The canonical spelling, "" when the unit is unknown."""
        unit = self.lookup(text)
        return unit.code if unit else ""

    def dimension(self, text: str) -> str:
        """The dimension, "" when the unit is unknown."""
        unit = self.lookup(text)
        return unit.dimension if unit else ""

    def convert(self, value: Ratio, source: str, target: str) -> Ratio | None:
        """``value`` of the unit ``source`` in the unit ``target``, exactly; ``None`` if not convertible."""
        first, second = self.lookup(source), self.lookup(target)
        if first is None or second is None:
            return None
        if first.base != second.base:
            return None
        return ratio_div(ratio_mul(value, first.factor), second.factor)

    def convert_price(
        self, price: Ratio, source: str, target: str, multipliers: Sequence[tuple[str, Ratio]] = ()
    ) -> Ratio | None:
        """A price of the unit ``source`` (元/人次) as a price of ``target`` (元/人天), or ``None``.

        ``multipliers`` are those of the line (天, 5).  Its amount is quantity × price × multipliers, so the
        price is also one per each of them, printed in ``source`` or not: 元/人 with 天 is 元/人天.  What
        ``target`` doesn't have below the line is multiplied out: 元/人天 with 5 天 is 5 times 元/人.
        """
        money, below = self._price(source)
        wanted, wanted_below = self._price(target)
        if money is None or wanted is None or money.base != wanted.base:
            return None
        values: dict[str, Ratio] = {}
        for name, value in multipliers:
            unit = self.lookup(name)
            if unit is None or unit.code in values:
                return None
            values[unit.code] = value
            if not any(_same(unit, other) for other in below):
                below.append(unit)
        result = ratio_div(ratio_mul(price, money.factor), wanted.factor)
        for unit in wanted_below:
            match = next((other for other in below if _same(unit, other)), None)
            if match is None or result is None:
                return None
            below.remove(match)
            if match.base == unit.base:
                result = ratio_div(ratio_mul(result, unit.factor), match.factor)
        for unit in below:
            if unit.code not in values or result is None:
                return None
            result = ratio_mul(result, values[unit.code])
        return result

    def money_factor(self, source: str, target: str) -> Ratio:
        """What money of a price unit is multiplied by to be money of another: 万元/人 → 元/人 is 10000."""
        first, second = self._price(source)[0], self._price(target)[0]
        factor = ratio_div(first.factor, second.factor) if first is not None and second is not None else None
        return factor or (1, 1)

    def is_price(self, text: str) -> bool:
        """Whether a text is money, or money per known units (元/人天)."""
        name = clean_copy(text).text
        money, below = self._price(text)
        return money is not None and bool(below or not _SEPARATORS.search(name))

    def is_priced_by(self, unit: str, price_unit: str) -> bool:
        """Whether a quantity in ``unit`` counts the things that a price is per: 台 and 件 of 元/台(件)."""
        known = self.lookup(unit)
        return known is not None and any(_same(known, other) for other in self._price(price_unit)[1])

    def _add(self, row: Mapping[str, str]) -> None:
        code = clean_copy(row["unit"]).text
        dimension = row["dimension"]
        if not code or dimension not in DIMENSIONS:
            raise UnitRowError("unit" if not code else "dimension")
        unit = Unit(
            code,
            dimension,
            clean_copy(row["base"]).text or code,
            _factor(row["factor"]),
            frozenset(clean_copy(name).text for name in row["priced_as"].split()),
        )
        for spelling in [code, *row["aliases"].split()]:
            name = clean_copy(spelling).text
            if self._exact.setdefault(name, unit) is not unit:
                raise UnitRowError("aliases")
            if row.get("case", "") != "exact":
                self._folded.setdefault(name.lower(), unit)

    def _known(self, name: str) -> Unit | None:
        return self._exact.get(name) or self._folded.get(name.lower())

    def _find(self, name: str) -> Unit | None:
        unit = self._known(name) or self._known(name.replace(" ", ""))
        if unit is None and name:
            unit = self._per(name) if _SEPARATORS.search(name) else self._multiplied(name)
        return unit

    def _multiplied(self, name: str) -> Unit | None:
        """万人次, 亿斤."""
        for prefix, factor in _PREFIXES.items():
            if name.startswith(prefix):
                unit = self._known(name[len(prefix) :])
                if unit is None or unit.dimension in {"比率", "日期", "评级"}:
                    return None
                return Unit(name, unit.dimension, unit.base, ratio_mul(unit.factor, (factor, 1)))
        return None

    def _per(self, name: str) -> Unit | None:
        """元/亩, 万元/公里, 人次/年: the upper unit over the lower ones."""
        upper, lower = self._parts(name)
        if upper is None or not lower:
            return None
        factor: Ratio | None = upper.factor
        for unit in lower:
            factor = factor and ratio_div(factor, unit.factor)
        if factor is None:
            return None
        below = "·".join(sorted(unit.base for unit in lower))
        printed = "·".join(unit.code for unit in lower)
        dimension = "复合金额" if upper.dimension == "金额" else upper.dimension
        return Unit(f"{upper.code}/{printed}", dimension, f"{upper.base}/{below}", factor)

    def _price(self, text: str) -> tuple[Unit | None, list[Unit]]:
        """Money and the units below the line of a price unit."""
        name = clean_copy(text).text
        upper, lower = self._parts(name) if _SEPARATORS.search(name) else (self._find(name), [])
        return (upper if upper and upper.dimension == "金额" else None, lower)

    def _parts(self, name: str) -> tuple[Unit | None, list[Unit]]:
        """The upper unit and the simple units below the line; (None, []) if one of them is unknown."""
        head, *rest = [part.strip() for part in _SEPARATORS.split(name)]
        upper = self._known(head) or self._multiplied(head)
        lower: list[Unit] = []
        for part in rest:
            units = self._simple(part)
            if not units:
                return (None, [])
            lower += units
        return (upper, lower)

    def _simple(self, name: str) -> list[Unit]:
        """人天 → 人, 天; 台 → 台; 人次 → 人次, which is a unit of its own."""
        unit = self._known(name)
        if unit is not None and "·" not in unit.base:
            return [unit]
        whole = unit.base if unit is not None else name
        parts = [self._known(part) for part in whole.split("·")]
        return [part for part in parts if part is not None] if all(parts) else []


def _same(first: Unit, second: Unit) -> bool:
    """Whether a price per the one is a price per the other."""
    return first.base == second.base or first.code in second.alternatives or second.code in first.alternatives


def _factor(text: str) -> Ratio:
    match = re.fullmatch(r"([1-9][0-9]{0,14})(?:/([1-9][0-9]{0,14}))?", text)
    if match is None:
        raise UnitRowError("factor")
    return (int(match[1]), int(match[2] or 1))
