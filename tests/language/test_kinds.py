"""The operator tables: what may be added, multiplied, divided and compared, and what comes out."""

from __future__ import annotations

import csv

import pytest

from rules_service.language.typed import fact_kind
from rules_service.model.catalogue import Catalogue
from rules_service.values.kinds import (
    MONEY,
    NUMBER,
    RATE,
    Base,
    Kind,
    KindSyntaxError,
    add_kinds,
    comparable,
    divide_kinds,
    multiply_kinds,
    subtract_kinds,
    unify,
)
from tests.language.support import TESTDATA

TABLES = {"+": add_kinds, "-": subtract_kinds, "*": multiply_kinds, "/": divide_kinds}
CASES = list(
    csv.DictReader(
        (TESTDATA / "language" / "kinds.csv").read_text(encoding="utf-8").splitlines(), delimiter=";"
    )
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['left']} {case['operator']} {case['right']}")
def test_operators(case: dict[str, str]) -> None:
    left, right = Kind.parse(case["left"]), Kind.parse(case["right"])
    if case["operator"] == "==":
        assert comparable(left, right) == comparable(right, left) == (case["result"] == "true")
        return
    name, _, scale = case["result"].partition("@")
    result = TABLES[case["operator"]](left, right)
    if not name:
        assert result is None
        return
    assert result is not None
    wanted = Kind.parse(name)
    assert (result.base, result.ratio, result.scale) == (
        wanted.base,
        wanted.ratio,
        int(scale or wanted.scale),
    )


def test_quotients_of_like_things_go_with_plain_numbers() -> None:
    """3 of 4 indicators is 0.75 and 75 %; a share of money is a rate only."""
    count = Kind.parse("count")
    share = divide_kinds(count, count)
    assert share is not None
    assert comparable(share, NUMBER)
    assert comparable(share, RATE)
    assert subtract_kinds(share, NUMBER) == Kind(Base.RATE, ratio=True, plain=True)
    money_share = divide_kinds(MONEY, MONEY)
    assert money_share is not None
    assert not comparable(money_share, NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        "money",
        "price",
        "rate",
        "ratio<rate>",
        "ratio<quantity>",
        "count",
        "list<text>",
        "list<indicator>",
        "record",
    ],
)
def test_kinds_are_written_as_they_are_read(text: str) -> None:
    assert str(Kind.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "int", "list", "list<>", "list<list<text>>", "ratio<text>", "ratio<count>", "subject"]
)
def test_what_is_no_kind(text: str) -> None:
    with pytest.raises(KindSyntaxError):
        Kind.parse(text)


def test_scales_meet_in_the_finer_one() -> None:
    price, fen = Kind.parse("price"), Kind.parse("money")
    assert unify(price, fen) == price
    assert unify(fen, fen.as_ratio()) == fen.as_ratio()


def test_every_fact_of_the_catalogue_has_a_kind() -> None:
    subjects = set(Catalogue.load().subjects)
    for fact in Catalogue.load():
        kind = fact_kind(fact)
        assert kind.subject is None or kind.subject in subjects, fact.name
