"""The semantics once more, slow and plain: walks the syntax tree with fractions; ``None`` is missing.

It knows nothing of kinds, scales or generated code.  Money counts 分, 1 is 100 % and 100pp, a date is
its day number.
"""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any

import re2

from rules_service.language.tree import Expr
from rules_service.language.typed import ParameterType, fact_kind
from rules_service.model.catalogue import Catalogue
from rules_service.values.dates import add_months, parse_date
from rules_service.values.kinds import Base, Kind

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MEETS = {"GT": "<", "GE": "<=", "LT": ">", "LE": ">=", "EQ": "=="}  # value ⟨sign⟩ x
UNITS = {
    "": Fraction(1),
    "%": Fraction(1, 100),
    "pp": Fraction(1, 100),
    "分": Fraction(1),
    "元": Fraction(100),
    "万元": Fraction(10**6),
    "亿元": Fraction(10**10),
}
LITERAL = re.compile(r"([0-9.]+)(.*)")


def plain(value: Any, kind: Kind) -> Any:
    """A value of the engine as a fraction, text, truth or list."""
    if value is None or isinstance(value, bool | str):
        return value
    if kind.base is Base.TABLE:
        assert kind.element is not None
        points = [(point.month, point.day, plain(point.value, kind.element)) for point in value.points]
        return value.interpolated, points
    if kind.is_list:
        if kind.subject is not None:
            return value
        assert kind.element is not None
        return [plain(item, kind.element) for item in value]
    if kind.ratio:
        return Fraction(*value)
    return Fraction(value, 10**kind.scale)


def past_points(table: Any, day: int) -> list[tuple[date, Fraction]]:
    """The points of a table up to a day, with their dates in that day's year."""
    return [(at, value) for at, value in dated_points(table, day) if at.toordinal() <= day]


def dated_points(table: Any, day: int) -> list[tuple[date, Fraction]]:
    """All points of a table with their dates in the day's year."""
    year = date.fromordinal(day).year
    return [
        (date(year, month, min(number, monthrange(year, month)[1])), value)
        for month, number, value in table[1]
    ]


def value_at(table: Any, day: int) -> Fraction:
    """What a table says at a day, on a straight line between its points where it is interpolated."""
    before, every = past_points(table, day), dated_points(table, day)
    if not before:
        return Fraction(0)
    start, value = before[-1]
    if not table[0] or len(before) == len(every):
        return value
    end, following = every[len(before)]
    passed = Fraction(day - start.toordinal(), (end - start).days)
    return value + (following - value) * passed


def working_day(calendar: Any, day: int, count: int) -> Fraction | None:
    """The ``count``-th working day after a day."""
    if not 0 <= count <= 2000:
        return None
    found = (
        each
        for each in range(day + 1, day + 4 * count + 40)
        if each in calendar.workdays
        or (date.fromordinal(each).isoweekday() < 6 and each not in calendar.holidays)
    )
    return Fraction(day if not count else next(islice(found, count - 1, None)))


class Reference:
    """Evaluates expressions over records, given types and values of parameters."""

    def __init__(
        self,
        catalogue: Catalogue,
        types: Mapping[str, ParameterType],
        parameters: Mapping[str, Any],
        lets: Mapping[str, Expr] | None = None,
    ) -> None:
        self.catalogue, self.types, self.parameters = catalogue, types, parameters
        self.lets = lets or {}

    def condition(self, expr: Expr | None, scope: Mapping[str, Any]) -> bool | None:
        """True, false or missing; ``scope`` maps subjects and macro variables to records or values."""
        assert expr is not None
        value = self.value(expr, dict(scope))
        assert value is None or isinstance(value, bool)
        return value

    def value(self, expr: Expr, scope: dict[str, Any]) -> Any:
        """The value of any expression."""
        method: Callable[[Expr, dict[str, Any]], Any] = getattr(self, f"_{expr.form}")
        return method(expr, scope)

    def _number(self, expr: Expr, _scope: dict[str, Any]) -> Fraction:
        match = LITERAL.fullmatch(expr.value)
        assert match is not None
        return Fraction(match[1]) * UNITS[match[2]]

    def _text(self, expr: Expr, _scope: dict[str, Any]) -> str:
        return expr.value

    def _truth(self, expr: Expr, _scope: dict[str, Any]) -> bool:
        return expr.value == "true"

    def _name(self, expr: Expr, scope: dict[str, Any]) -> Any:
        if expr.value in self.lets:
            return self.value(self.lets[expr.value], scope)
        return scope[expr.value]

    def _select(self, expr: Expr, scope: dict[str, Any]) -> Any:
        return self._read(expr, scope, "")

    def _read(self, expr: Expr, scope: dict[str, Any], prefix: str) -> Any:
        names = []
        while expr.form == "select":
            names.append(expr.value)
            expr = expr.args[0]
        first, rest = expr.value, ".".join(reversed(names))
        if first == "param":
            return plain(self.parameters[rest], self.types[rest].type)
        fact = self.catalogue.get(f"{first}.{rest}") or self.catalogue.by_zh(f"{first}.{rest}")
        if fact is not None:
            record = scope[fact.subject]
        else:
            record = scope[first]
            facts = [fact for fact in self.catalogue if rest in {fact.short, fact.zh.partition(".")[2]}]
            (fact,) = (
                [fact for fact in facts if fact.subject == record["subject"]] if len(facts) > 1 else facts
            )
        if prefix:
            return record.get(prefix + fact.short)
        return plain(record.get(fact.short), fact_kind(fact))

    def _items(self, expr: Expr, scope: dict[str, Any]) -> list[Any]:
        return [self.value(arg, scope) for arg in expr.args]

    def _cond(self, expr: Expr, scope: dict[str, Any]) -> Any:
        test = self.value(expr.args[0], scope)
        return None if test is None else self.value(expr.args[1 if test else 2], scope)

    def _logic(self, expr: Expr, scope: dict[str, Any]) -> bool | None:
        values = [self.value(arg, scope) for arg in expr.args]
        decides = expr.value == "||"
        if decides in values:
            return decides
        return None if None in values else not decides

    def _unary(self, expr: Expr, scope: dict[str, Any]) -> Any:
        value = self.value(expr.args[0], scope)
        if value is None:
            return None
        return not value if expr.value == "!" else -value

    def _binary(self, expr: Expr, scope: dict[str, Any]) -> Any:
        left, right = (self.value(arg, scope) for arg in expr.args)
        if expr.value == "in":
            return self._member(left, right)
        if left is None or right is None:
            return None
        if expr.value in COMPARE:
            return COMPARE[expr.value](left, right)
        if expr.value == "/":
            return left / right if right else None
        return {"+": operator.add, "-": operator.sub, "*": operator.mul}[expr.value](left, right)

    def _member(self, value: Any, items: Any) -> bool | None:
        if value is None or items is None:
            return None
        if value in items:
            return True
        return None if None in items else False

    def _macro(self, expr: Expr, scope: dict[str, Any]) -> Any:
        items = self.value(expr.args[0], scope)
        if items is None:
            return None
        results = [self.value(expr.args[1], {**scope, expr.variable: item}) for item in items]
        if expr.value == "exists":
            return True if True in results else None if None in results else False
        if expr.value == "all":
            return False if False in results else None if None in results else True
        if None in results or None in items:
            return None
        if expr.value == "exists_one":
            return results.count(True) == 1
        if expr.value == "filter":
            return [item for item, keep in zip(items, results, strict=True) if keep]
        return results

    def _call(self, expr: Expr, scope: dict[str, Any]) -> Any:
        if expr.value == "has" and expr.args[0].args[0].value == "param":
            return self.parameters[expr.args[0].value] is not None
        if expr.value == "has":
            return self._read(expr.args[0], scope, "has:")
        if expr.value == "date":
            return Fraction(parse_date(expr.args[0].value))
        values = [self.value(arg, scope) for arg in expr.args]
        if expr.value == "meets":
            named = expr.args[1]
            name = (named.args[0] if named.form == "call" else named).value
            sign = self.types[name].operator or ""
            if sign == "IN":
                return self._member(*values)
            return None if None in values else COMPARE[MEETS[sign]](values[1], values[0])
        if None in values:
            return None
        return self._known(expr.value, values)

    def _of_days(self, name: str, values: list[Any]) -> Any:
        first, calendar = values[0], self.parameters.get("@calendar")
        match name:
            case "months_after":
                return Fraction(add_months(int(first), int(values[1])))
            case "working_days_after":
                return working_day(calendar, int(first), int(values[1]))
            case "in_calendar":
                return date.fromordinal(int(first)).year in calendar.years
            case "point_reached":
                return bool(past_points(first, int(values[1])))
        return value_at(first, int(values[1]))

    def _known(self, name: str, values: list[Any]) -> Any:  # noqa: PLR0911 - one line a function
        first = values[0]
        match name:
            case "size":
                return Fraction(len(first))
            case "abs":
                return abs(first)
            case "floor":
                return Fraction(first.numerator // first.denominator)
            case "contains":
                return values[1] in first
            case "startsWith":
                return first.startswith(values[1])
            case "endsWith":
                return first.endswith(values[1])
            case "matches":
                return re2.search(values[1], first) is not None
        if name in {"months_after", "working_days_after", "in_calendar", "point_reached", "at_point"}:
            return self._of_days(name, values)
        if None in first or (name != "sum" and not first):
            return None
        if name == "avg":
            return sum(first) / len(first)
        return sum(first) if name == "sum" else min(first) if name == "min" else max(first)
