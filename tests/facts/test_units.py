"""Units: conversion is exact or refused; prices per something; the shipped table is whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.facts.quantity_words import UNITS
from rules_service.facts.units import DIMENSIONS, UnitRowError, UnitTable
from rules_service.values.numbers import SCALE, parse_fixed, ratio_compare
from tests.facts.casefiles import params, wordlist

TABLE = UnitTable(wordlist("units.csv"))
ROW = {
    "unit": "元",
    "aliases": "",
    "dimension": "金额",
    "base": "",
    "factor": "1",
    "case": "",
    "priced_as": "",
}


def same(expected, value):
    if not expected:
        return value is None
    return value is not None and ratio_compare((parse_fixed(expected), SCALE), value) == 0


@pytest.mark.parametrize("case", params("quantity/unit_conversion.csv"))
def test_conversion(case):
    assert same(case["result"], TABLE.convert((parse_fixed(case["value"]), SCALE), case["from"], case["to"]))


@pytest.mark.parametrize("case", params("quantity/price_conversion.csv"))
def test_price_conversion(case):
    pairs = [item.split("=") for item in case["multipliers"].split()]
    multipliers = [(name, (parse_fixed(value), SCALE)) for name, value in pairs]
    price = (parse_fixed(case["price"]), SCALE)
    assert same(case["result"], TABLE.convert_price(price, case["from"], case["to"], multipliers))


@pytest.mark.parametrize(
    ("text", "dimension"),
    [("个", "数量"), ("万元", "金额"), ("元/亩", "复合金额"), ("元/人·天", "复合金额"), ("％", "比率"),
     ("天", "时间"), ("月日", "日期"), ("分", "评级"), ("万人次", "数量"), ("次/年", "数量"),
     ("飞船", ""), ("", ""), ("/株", "")],
)  # fmt: skip
def test_dimensions(text, dimension):
    assert dimension == TABLE.dimension(text)


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_what_the_parser_looks_for_has_a_meaning(unit):
    assert TABLE.dimension(unit) in DIMENSIONS


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"factor": "0"}, "factor"),
        ({"factor": "1.5"}, "factor"),
        ({"dimension": "金钱"}, "dimension"),
        ({"unit": ""}, "unit"),
    ],
)
def test_a_bad_row_is_refused(change, column):
    with pytest.raises(UnitRowError, match=column):
        UnitTable([ROW | change])


def test_one_spelling_means_one_unit():
    with pytest.raises(UnitRowError, match="aliases"):
        UnitTable([ROW, ROW | {"unit": "圆", "aliases": "元"}])


@given(
    st.fractions(),
    st.sampled_from(
        [("万元", "元"), ("公里", "厘米"), ("%", "比例"), ("年", "季度"), ("元/公里", "万元/米")]
    ),
)
def test_there_and_back(value, units):
    first, second = units
    number = (value.numerator, value.denominator)
    there = TABLE.convert(number, first, second)
    assert ratio_compare(number, TABLE.convert(there, second, first)) == 0


@given(st.text(alphabet="元人天台(件)/·万亿㎡%次 ￥\u200b", max_size=8))
def test_lookup_never_raises(text):
    unit = TABLE.lookup(text)
    assert unit is None or unit.factor[1] > 0


@pytest.mark.parametrize(
    ("text", "counted"),
    [("间", True), ("个", True), ("人次", True), ("万人次", True), ("米", False), ("公里", False),
     ("平方米", False), ("元", False), ("%", False), ("人/期", False)],
)  # fmt: skip
def test_what_only_counts_things(text, counted):
    """Nothing converts into such a unit but multiples of itself."""
    unit = TABLE.lookup(text)
    assert unit is not None
    assert counted == TABLE.is_counted(unit)
