"""Rows of expenditure standards: what may be a hard rule, what is sample data, and the shipped tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.quantity_rules import read_quantity_rule
from rules_service.model.standard_rows import COLUMNS, StandardRow, read_standards
from rules_service.model.tables import MAX_ROWS
from rules_service.model.validation import CATALOGUE
from rules_service.values.dates import parse_date
from rules_service.values.numbers import fixed_text
from rules_service.values.outcomes import Proof

SHIPPED = Path(__file__).parents[2] / "rulesets" / "national" / "standards"
ROW = {
    "standard_id": "A",
    "item": "会议费综合定额",
    "category": "会议费",
    "limit_kind": "CAP",
    "value": "760",
    "unit": "元/人天",
    "scope": "general",
    "effective_from": "2016-07-01",
    "document": "会议费管理办法",
    "source": "https://example.org/a",
    "verified": "verified in source",
}


def _csv(cells: list[str]) -> bytes:
    quoted = ",".join(f'"{cell}"' for cell in cells)
    return f"{','.join(column.name for column in COLUMNS)}\n{quoted}\n".encode()


def read(**changes: str) -> tuple[list[StandardRow], list[str]]:
    """The rows of a table with one row that differs from the hard cap above, and what was found."""
    cells = [(ROW | changes).get(column.name, "") for column in COLUMNS]
    found = Diagnostics(CATALOGUE)
    rows = read_standards("x.csv", _csv(cells), found)
    names = [column.name for column in COLUMNS]
    return rows, [f"{item.code} {names[item.column - 1]}" for item in found.in_order()]


def row(**changes: str) -> StandardRow:
    """One row that differs from the hard cap above."""
    rows, found = read(**changes)
    assert found == []
    return rows[0]


@pytest.mark.parametrize(
    ("changes", "hard"),
    [
        ({}, True),
        ({"verified": "verified in secondary source"}, True),
        ({"verified": "from memory, unverified"}, False),
        ({"source": ""}, False),
        ({"source": "办法原文, copy on a mirror"}, False),
        ({"value": ""}, False),
        ({"scope": "project"}, False),
        ({"binding": "SOFT"}, False),
        ({"binding": "HARD"}, True),
        ({"value": "", "min_service_years": "6"}, True),
        ({"value": "", "qty_per": "实有", "qty_max": "50%"}, True),
    ],
)
def test_what_may_be_hard(changes: dict[str, str], hard: bool) -> None:
    """A hard rule is verified, has an address and an amount, and is of general scope."""
    assert row(**changes).may_be_hard is hard


def test_rows_from_memory_are_samples() -> None:
    """Their proof says so wherever they show."""
    assert row(verified="from memory, unverified").is_sample
    assert row(verified="from memory, unverified").proof is Proof.MEMORY


@pytest.mark.parametrize(
    ("changes", "day", "expected"),
    [
        ({}, "2016-06-30", False),
        ({}, "2016-07-01", True),
        ({"effective_to": "2020-12-31"}, "2020-12-31", True),
        ({"effective_to": "2020-12-31"}, "2021-01-01", False),
        ({"effective_from": ""}, "2020-01-01", False),
    ],
)
def test_in_force(changes: dict[str, str], day: str, expected: bool) -> None:
    """First and last day count; an undated row cannot be chosen by date."""
    assert row(**changes).in_force(parse_date(day)) is expected


@pytest.mark.parametrize(
    ("text", "day"),
    [("2016/7/1", "2016-07-01"), ("２０１６-７-１", "2016-07-01"), ("2016年12月31日", "2016-12-31")],
)
def test_days_as_spreadsheets_write_them(text: str, day: str) -> None:
    """A spreadsheet turns 2016-07-01 into its own form when it saves a CSV file."""
    assert row(effective_from=text).effective_from == parse_date(day)


@pytest.mark.parametrize(
    ("text", "value"), [("７６０", 760), ("1,200", 1200), ("１，２００．５", 1200.5), ("0", 0)]
)
def test_numbers_as_spreadsheets_write_them(text: str, value: float) -> None:
    """Full-width digits and separators of thousands are read."""
    assert row(value=text).value == value * 10**12


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"value": "12,00"}, ["VALUE-TEXT value"]),
        ({"value": "7.6e2"}, ["VALUE-TEXT value"]),
        ({"value": "约760"}, ["VALUE-TEXT value"]),
        ({"value": "-1"}, ["STANDARD-VALUE value"]),
        ({"limit_kind": "DAYS", "value": "", "unit": "天"}, ["STANDARD-VALUE value"]),
        ({"limit_kind": "MAX"}, ["DOC-NOT-ONE-OF limit_kind"]),
        ({"limit_kind": "ＣＡＰ"}, []),
        ({"limit_kind": "RANGE"}, ["STANDARD-RANGE value_to"]),
        ({"limit_kind": "RANGE", "value_to": "759.99"}, ["STANDARD-RANGE value_to"]),
        ({"limit_kind": "RANGE", "value_to": "760"}, []),
        ({"value_to": "800"}, ["STANDARD-RANGE value_to"]),
        ({"effective_to": "2016-06-30"}, ["DOC-DATES-REVERSED effective_to"]),
        ({"effective_to": "2016-07-01"}, []),
        ({"effective_from": "2016-07-32"}, ["VALUE-TEXT effective_from"]),
        ({"effective_from": "20160701"}, ["VALUE-TEXT effective_from"]),
        ({"limit_kind": "YEARS", "value": ""}, ["STANDARD-YEARS min_service_years"]),
        ({"limit_kind": "YEARS", "value": "", "min_service_years": "8", "service_operator": "GT"}, []),
        ({"min_service_years": "-1"}, ["STANDARD-YEARS min_service_years"]),
        ({"min_service_years": "6.5"}, ["VALUE-TEXT min_service_years"]),
        ({"service_operator": "LT"}, ["DOC-NOT-ONE-OF service_operator"]),
        ({"limit_kind": "QUANTITY", "value": ""}, ["STANDARD-QUANTITY qty_max"]),
        ({"qty_per": "实有"}, ["VALUE-TEXT qty_max"]),
        ({"qty_per": "人", "qty_max": "1"}, ["VALUE-TEXT qty_per"]),
        ({"qty_max": "1"}, ["VALUE-TEXT qty_per"]),
        ({"qty_per": "实有", "qty_max": "1/0"}, ["VALUE-TEXT qty_max"]),
        ({"qty_per": "实有", "qty_max": "1/20(≤100)"}, ["VALUE-TEXT qty_max"]),
        ({"qty_per": "实有", "qty_max": "1(≤9);2(≤5);3"}, ["VALUE-TEXT qty_max"]),
        ({"qty_per": "实有", "qty_max": "1", "exception": "多一些"}, ["VALUE-TEXT exception"]),
        ({"qty_per": "实有", "qty_max": "1", "qty_rounding": "四舍五入"}, ["VALUE-TEXT qty_rounding"]),
        ({"limit_kind": "DAYS", "unit": "天", "part_of": "B"}, ["STANDARD-PART-KIND part_of"]),
        ({"tier_unit": "天", "tier_above": "30"}, ["STANDARD-TIER tier_above"]),
        ({"limit_kind": "FACTOR", "unit": "比例", "tier_above": "30"}, ["STANDARD-TIER tier_above"]),
        ({"limit_kind": "FACTOR", "unit": "比例", "tier_unit": "天", "tier_above": "30"}, []),
        ({"binding": "HARD", "verified": "from memory, unverified"}, ["STANDARD-BINDING binding"]),
        ({"binding": "上限"}, ["DOC-NOT-ONE-OF binding"]),
        ({"document": "", "item": ""}, ["STANDARD-BLANK document", "STANDARD-BLANK item"]),
    ],
)
def test_faults_of_cells(changes: dict[str, str], expected: list[str]) -> None:
    """A row that cannot be meant is left out, with the cell that is wrong."""
    rows, found = read(**changes)
    assert sorted(found) == expected
    assert len(rows) == (0 if expected else 1)


@pytest.mark.parametrize(
    ("columns", "heads", "limit", "special"),
    [
        (("实有", "50%", "", ""), 7, "3.5", "3.5"),
        (("编制", "1", "", "150%"), 7, "7", "10.5"),
        (("编制", "2", "", "不限"), 7, "14", "14"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 0, "0", "0"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 1, "1", "1"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 20, "1", "1"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 21, "2", "2"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 100, "5", "5"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 101, "6", "6"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 130, "6", "6"),
        (("处室", "1/20(≤100);1/30", "进整", ""), 131, "7", "7"),
        (("实有", "１／２０（≤１００）；１／３０", "", ""), 110, "5.333333333333", "5.333333333333"),
        (("实有", "0.5", "", "1/3"), 1, "0.5", "0.333333333333"),
    ],
)
def test_quantity_rules(columns: tuple[str, str, str, str], heads: int, limit: str, special: str) -> None:
    """So many for each head, in steps; a part counts as a whole only where the document says so."""
    rule = read_quantity_rule(*columns)
    assert rule is not None
    assert (fixed_text(rule.limit(heads)), fixed_text(rule.special(heads))) == (limit, special)
    assert rule.is_open is (columns[3] == "不限")


def test_places_with_exceptions() -> None:
    """全国(除…) is everywhere but there, not a place of that name."""
    assert row(place="全国(除西藏、青海)").except_places == ("西藏", "青海")
    assert row(place="全国（除西藏）").places == ()
    assert row(place="西藏、青海").places == ("西藏", "青海")


def test_chinese_names_of_columns() -> None:
    """A table may head its columns in Chinese, and leave out those that it does not need."""
    used = [column for column in COLUMNS if column.required]
    names = ",".join(column.aliases[0] for column in used)
    cells = ",".join(ROW.get(column.name, "") for column in used)
    found = Diagnostics(CATALOGUE)
    (made,) = read_standards("x.csv", f"{names}\n{cells}\n".encode("gbk"), found)
    assert (made.standard_id, made.value) == ("A", 760 * 10**12)
    assert [item.code for item in found.found] == ["FILE-GBK-READ"]


def test_a_hundred_thousand_rows() -> None:
    """As many rows as a table may have are read."""
    used = [column for column in COLUMNS if column.required]
    cells = ",".join(ROW.get(column.name, "") for column in used).removeprefix("A")
    lines = [",".join(column.name for column in used), *(f"A{number}{cells}" for number in range(MAX_ROWS))]
    found = Diagnostics(CATALOGUE)
    assert len(read_standards("x.csv", "\n".join(lines).encode(), found)) == MAX_ROWS
    assert found.found == []


def test_amounts_are_exact() -> None:
    """Prices keep every decimal."""
    assert row(value="0.5483").value == 548_300_000_000


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.csv")), ids=lambda path: path.name)
def test_shipped_tables(path: Path) -> None:
    """Every shipped row can be read, names its document, and is hard only with proof and address."""
    found = Diagnostics(CATALOGUE)
    rows = read_standards(path.name, path.read_bytes(), found)
    assert found.found == []
    assert rows
    for item in rows:
        assert item.document
        assert not item.may_be_hard or (item.address.startswith("http") and not item.is_sample)
