"""Shared by the language tests: a small catalogue, records of facts, and programs of one condition."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rules_service.language.checker import check
from rules_service.language.layout import Layout
from rules_service.language.parser import parse
from rules_service.language.program import FAIL, INDETERMINATE, PASS, Program, generate
from rules_service.language.typed import CheckUnit, Env, ParameterType, Typed
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.diagnostics import Source
from rules_service.values.calendar import WorkCalendar
from rules_service.values.dates import parse_date
from rules_service.values.kinds import Base, Kind
from rules_service.values.tables import DatedTable, TablePoint, parse_table_day

TESTDATA = Path(__file__).resolve().parent.parent / "testdata"
SOURCE = Source("test.yaml", 1, 1)
CALENDAR_2025 = WorkCalendar(  # the national day of 2025, all that these tests know of holidays
    frozenset({2025}),
    frozenset(range(parse_date("2025-10-01"), parse_date("2025-10-09"))),
    frozenset({parse_date("2025-09-28"), parse_date("2025-10-11")}),
)
TRUTH = {FAIL: True, PASS: False, INDETERMINATE: None}

Record = dict[str, Any]  # slots of one subject; a list of subjects is a list of records


@cache
def small_catalogue() -> Catalogue:
    """The catalogue of these tests, in the form of the real one."""
    with (TESTDATA / "language" / "catalogue.csv").open(encoding="utf-8", newline="") as stream:
        return Catalogue(tuple(_fact(row) for row in csv.DictReader(stream)))


def _fact(row: dict[str, str]) -> Fact:
    kind, element = row["kind"], None
    if kind.startswith("list<"):
        kind, element = "list", kind[5:-1]
    rest = {
        key: row[key] for key in ("name", "zh", "subject", "field", "computed", "meaning_zh", "meaning_en")
    }
    return Fact(kind=kind, element=element, **rest)


def environment(subject: str, **changes: Any) -> Env:
    """What names mean in a check of ``subject`` over the small catalogue."""
    return Env(**{"catalogue": small_catalogue(), "parameters": {}, "subject": subject, **changes})


def typed(text: str, env: Env, *, condition: bool = False) -> Typed:
    """A checked expression, which must have no errors."""
    result = check(parse(text, SOURCE), env, condition=condition)
    assert result.ok, f"{text}: {[str(item) for item in result.diagnostics]}"
    return result


def unit(
    text: str,
    env: Env,
    *,
    number: int = 0,
    applies: str | None = None,
    lets: Sequence[tuple[str, str]] = (),
    severity: Sequence[tuple[int, str | None]] = ((2, None),),
    refs: tuple[str, ...] = (),
) -> CheckUnit:
    """A check whose ``fails_when`` is ``text``."""
    named: dict[str, Typed] = {}
    for name, value in lets:
        named[name] = typed(value, _with_lets(env, named))
    env = _with_lets(env, named)
    return CheckUnit(
        id=f"T-{number}",
        subject=env.subject,
        applies_when=typed(applies, env, condition=True) if applies else None,
        lets=tuple(named.items()),
        fails_when=typed(text, env, condition=True),
        severity=tuple(
            (level, typed(when, env, condition=True) if when else None) for level, when in severity
        ),
        refs=refs,
        stratum=env.stratum,
        service=service_of(env.subject),
    )


def service_of(subject: str) -> str:
    """Checks of the report and its lists belong to assessments, all others here to reviews."""
    return "assess" if subject in {"report", "actual"} else "review"


def _with_lets(env: Env, lets: Mapping[str, Typed]) -> Env:
    return Env(
        env.catalogue, env.parameters, env.subject, dict(lets), env.stratum, env.vocabularies, env.normalise
    )


def fact_tuple(layout: Layout, catalogue: Catalogue, subject: str, record: Record) -> tuple[Any, ...]:
    """The fact tuple of a record and of everything in its lists."""
    values = []
    for slot in layout.of(subject):
        value = record.get(slot)
        fact = catalogue.get(f"{subject}.{slot}")
        if value is not None and fact is not None and fact.kind == "list":
            if fact.element in catalogue.subjects:
                value = [fact_tuple(layout, catalogue, fact.element or "", item) for item in value]
            value = tuple(value)
        values.append(value)
    return tuple(values)


def parameter_type(kind: str, operator: str | None = None) -> ParameterType:
    """A parameter type from its kind as a parameter file writes it."""
    base, bracket, element = kind.partition("<")
    if bracket:
        return ParameterType(base, element.removesuffix(">"), operator)
    return ParameterType(kind, None, operator)


def program_of(units: Sequence[CheckUnit], parameters: Mapping[str, Any]) -> tuple[Program, tuple[Any, ...]]:
    """The program of some checks and the values of its parameters."""
    program = generate(units, sorted(parameters))
    return program, tuple(parameters[name] for name in program.parameters)


def literal(text: str, kind: Kind, env: Env) -> Any:
    """A value written in the language, as the engine holds a value of ``kind``."""
    if text == "?":
        return None
    if text in {"true", "false"}:
        return text == "true"
    if kind.base is Base.TABLE:
        between, _, inner = text.partition(" ")
        points = [item.partition(": ") for item in inner.strip("{}").split(", ")]
        return DatedTable(
            between == "interpolate",
            tuple(
                TablePoint(*parse_table_day(day), literal(value, kind.element or kind, env))
                for day, _, value in points
            ),
        )
    if kind.is_list:
        inner = text.strip().removeprefix("[").removesuffix("]")
        assert kind.element is not None
        return [literal(item.strip(), kind.element, env) for item in inner.split(",") if item.strip()]
    if kind.ratio:
        numerator, _, denominator = text.partition("/")
        return (int(numerator), int(denominator))
    node = typed(text, env).node
    if node.op == "neg" or not isinstance(node.data, int) or isinstance(node.data, bool):
        return node.data
    return node.data * 10 ** (kind.scale - node.kind.scale)
