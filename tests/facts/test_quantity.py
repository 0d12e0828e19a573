"""The quantity parser: every case of the specification and of the published tables, and its promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.facts.quantity import find_quantities, parse_quantity, resolve_date
from rules_service.facts.text import utf16_length
from rules_service.values.dates import date_text
from rules_service.values.numbers import SCALE, fixed_text
from tests.facts.casefiles import params

ALPHABET = (
    "0123456789.,，-~至到万亿千百十元人次户期%年月日号底前个约余≥≤=<>不少于超过达以上内一二三两半成折分之第点"
    " （）()/每×:：;；、。½²①ABMkg\u200b\ue000😀\n"
)


def shown(value):
    return "" if value is None else fixed_text(value)


@pytest.mark.parametrize("case", [*params("quantity/spec.csv"), *params("quantity/published.csv")])
def test_reading(case):
    read = parse_quantity(case["raw"])
    assert case["status"] == read.status
    assert (case["operator"], case["value"], case["upper"], case["unit"]) == (
        read.operator, shown(read.value), shown(read.upper), read.unit,
    )  # fmt: skip
    assert (case["approximate"] == "yes") == read.approximate or read.status == "unparseable"
    assert (case["count"] or "1") == str(max(read.count, 1))


@pytest.mark.parametrize("case", params("quantity/dates.csv"))
def test_dates(case):
    read = parse_quantity(case["raw"])
    year = int(case["fiscal_year"]) if case["fiscal_year"] else None
    if case["kind"] == "unparseable":
        assert (read.status, read.date) == ("unparseable", None)
        return
    assert ("ok", case["operator"], case["kind"]) == (read.status, read.operator, read.date.kind)
    assert (case["target"] == "yes") == read.is_target
    days = resolve_date(read, year)
    assert (case["start"], case["end"]) == (tuple(map(date_text, days)) if days else ("", ""))


@pytest.mark.parametrize("case", params("quantity/running_text.csv"))
def test_running_text(case):
    found = find_quantities(case["text"])
    written = [
        "..".join(map(date_text, resolve_date(part, 2023)))
        if part.date
        else " ".join(filter(None, [part.operator, shown(part.value), part.unit]))
        for part in found
    ]
    assert case["quantities"] == " | ".join(written)


@given(st.text(alphabet=ALPHABET, max_size=30) | st.text(max_size=20))
def test_never_raises_and_stays_within_the_text(raw):
    whole = parse_quantity(raw)
    parts = find_quantities(raw)
    assert whole.all == parts
    assert (whole.status == "none") == (not parts)
    for part in parts:
        assert 0 <= part.start < part.end <= utf16_length(raw)
        assert (part.status == "ok") == (part.value is not None or part.date is not None)
        assert part.upper is None or part.value <= part.upper
        resolve_date(part, 2023)
    assert sorted(part.start for part in parts) == [part.start for part in parts]


@given(
    st.integers(0, 10**11),
    st.integers(0, 10**6 - 1),
    st.sampled_from(["", "≥", "不少于", "约", "完成", " "]),
    st.sampled_from(["%", "人次", "元/亩", "个", "元", "km"]),
)
def test_spellings_of_one_number_agree(whole, millionths, before, unit):
    plain = f"{whole}.{millionths:06d}"
    wide = plain.translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789."})
    expected = whole * SCALE + millionths * 10**6
    for spelling in (plain, f"{whole:,}.{millionths:06d}", wide, f"{plain} "):
        read = parse_quantity(f"{before}{spelling}{unit}")
        assert (expected, unit) == (read.value, read.unit)


@given(st.integers(0, 10**6), st.sampled_from([("万", 4), ("亿", 8), ("千", 3), ("百万", 6), ("千万", 7)]))
def test_multipliers_shift_the_value(thousandths, multiplier):
    word, zeros = multiplier
    read = parse_quantity(f"{thousandths // 1000}.{thousandths % 1000:03d}{word}元")
    assert (thousandths * 10 ** (9 + zeros), "元", f"{word}元") == (read.value, read.unit, read.printed_unit)
    assert 10**zeros == read.multiplier


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from("-~—～至到"))
def test_ranges(first, second, join):
    low, high = sorted((first, second))
    read = parse_quantity(f"{low}人{join}{high}人")
    assert ("RANGE", low * SCALE, high * SCALE, "人") == (read.operator, read.value, read.upper, read.unit)
    back = parse_quantity(f"{high}人{join}{low}人")
    assert low == high or back.status == "unparseable"


@given(
    st.dates(),
    st.sampled_from(["{0.year}年{0.month}月{0.day}日", "{0:%Y}-{0:%m}-{0:%d}", "{0.year}/{0.month}/{0.day}"]),
)
def test_days(day, form):
    read = parse_quantity(form.format(day))
    if 1950 <= day.year < 2100:
        assert (day.toordinal(), day.toordinal()) == resolve_date(read, None)
    else:
        assert read.date is None or read.date.start[0] != day.year


@pytest.mark.parametrize(
    ("piece", "status"),
    [
        ("1", "unparseable"), ("1,", "unparseable"), ("1 ", "unparseable"), ("1-", "unparseable"),
        ("1:", "unparseable"), ("1月", "ok"), ("2023年", "ok"), ("2023.1-", "unparseable"), ("一", "none"),
        ("三至", "unparseable"), ("百分之", "ok"), ("1万", "unparseable"), ("5元/", "unparseable"),
        ("每亩", "none"), ("至少完", "none"), ("约", "none"), ("(", "none"), ("一般一", "none"),
        ("第一", "none"), ("½", "unparseable"), ("5以上", "ok"), ("不", "none"), ("十百千万", "none"),
        ("半", "none"),
    ],
)  # fmt: skip
def test_a_long_text_is_no_burden(piece, status):
    """Every step of the reading is linear: what it costs once, it costs 5,000 times."""
    assert status == parse_quantity(piece * 5_000).status
