"""Cells as staff type them: read exactly, or refused where they could mean two things."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.authoring.edit_files import document
from rules_service.authoring.exchange_kinds import FLAG, CellError, Choice, Day, Kind, Number
from rules_service.authoring.exchange_lists import List, Table
from rules_service.authoring.faults import CATALOGUE

FILE = Path(__file__).parents[1] / "testdata" / "exchange_cells.yaml"
CASES: Any = document(FILE.name, FILE.read_bytes())
KINDS: dict[str, Kind] = {
    "date": Day(),
    "boolean": FLAG,
    "operator": Choice({"GT": "超过", "GE": "达到或超过", "LT": "低于", "LE": "不超过"}),
    "list": List(),
    "table": Table(Number("rate")),
}


def pairs(part: str) -> list[Any]:
    return [
        pytest.param(case["kind"], case["unit"], text, said, id=f"{case['kind']} {text}")
        for case in CASES
        for text, said in case.get(part, {}).items()
    ]


@pytest.mark.parametrize(("kind", "unit", "text", "said"), pairs("read"))
def test_a_cell_is_read(kind: str, unit: str, text: str, said: object) -> None:
    assert (KINDS.get(kind) or Number(kind, unit)).read(text) == said


@pytest.mark.parametrize(("kind", "unit", "text", "code"), pairs("fault"))
def test_a_cell_that_could_mean_two_things_is_refused(kind: str, unit: str, text: str, code: str) -> None:
    with pytest.raises(CellError) as error:
        (KINDS.get(kind) or Number(kind, unit)).read(text)
    assert error.value.code == code
    assert code in CATALOGUE.codes()


@given(st.lists(st.text(min_size=1).filter(lambda text: "\r" not in text), min_size=1, max_size=5))
def test_a_list_is_shown_and_read_back(items: list[str]) -> None:
    assert List().read(List().show(items)) == items


@given(st.integers(0, 10**9), st.sampled_from(["元", "万元", "亿元", "分"]))
def test_money_is_shown_and_read_back(amount: int, unit: str) -> None:
    kind = Number("money")
    assert kind.read(kind.show(f"{amount}{unit}")) == f"{amount}{unit}"
    assert kind.same(f"{amount}万元", f"{amount}0000元")
    assert not kind.same(f"{amount}万元", f"{amount}元") or amount == 0
