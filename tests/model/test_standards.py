"""Rows of expenditure standards: what may be a hard rule, what is sample data, and the shipped tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.standard_rows import COLUMNS, StandardRow, read_standards
from rules_service.model.validation import CATALOGUE
from rules_service.values.dates import parse_date
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
    return f"{','.join(COLUMNS)}\n{quoted}\n".encode()


def row(**changes: str) -> StandardRow:
    """One row that differs from the hard cap above."""
    cells = [(ROW | changes).get(column, "") for column in COLUMNS]
    found = Diagnostics(CATALOGUE)
    rows = read_standards("x.csv", _csv(cells), found)
    assert found.found == []
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
