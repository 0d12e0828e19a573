"""Numbers written in Chinese: strict reading, and agreement with a writer of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules_service.facts.chinese_numbers import CHINESE_NUMERALS, parse_chinese
from rules_service.values.numbers import SCALE, fixed_text

DIGITS = "零一二三四五六七八九"


def section(number):
    """A number below 10,000 in Chinese, without a leading 零."""
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text


def written(number):
    """A number below 10¹² in Chinese."""
    if number == 0:
        return "零"
    text = ""
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, unit)
        if part:
            text += ("零" if text and part < 1000 else "") + section(part) + name
        elif text and number and not text.endswith("零") and unit > 1 and number >= 1000:
            text += "零"
    return text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三", "3"), ("两", "2"), ("十", "10"), ("十二", "12"), ("廿", "20"), ("廿五", "25"), ("卅", "30"),
        ("一百零五", "105"), ("一百一十", "110"), ("一百十五", "115"), ("两千零五十", "2050"),
        ("一千零五", "1005"),
        ("十二万三千", "123000"), ("一万零五", "10005"), ("三亿零五", "300000005"),
        ("一万亿", "1000000000000"),
        ("壹佰", "100"), ("贰拾叁", "23"), ("三点五", "3.5"), ("三点五万", "35000"), ("零", "0"),
        ("零点零五", "0.05"),
    ],
)  # fmt: skip
def test_reads(text, value):
    assert value == fixed_text(parse_chinese(text))


@pytest.mark.parametrize(
    "text",
    ["百", "万", "一百五", "三万五", "两三", "三五", "十四五", "两十", "零五", "一百零", "一百零零五",
     "十零五",     "百一", "二〇二一", "三点两", "三点", "点五", "一万点五万", "一十百", "", "五六十"],
)  # fmt: skip
def test_refuses_what_is_no_number_or_has_two_readings(text):
    assert parse_chinese(text) is None


@given(st.integers(0, 10**12 - 1))
def test_a_number_written_out_reads_back(number):
    assert number * SCALE == parse_chinese(written(number))


@given(st.integers(0, 9999), st.text(alphabet=DIGITS, min_size=1, max_size=12))
def test_a_decimal_written_out_reads_back(whole, decimals):
    expected = whole * SCALE + int("".join(str(DIGITS.index(char)) for char in decimals).ljust(12, "0"))
    assert expected == parse_chinese(f"{written(whole)}点{decimals}")


@given(st.text(alphabet=CHINESE_NUMERALS + "点", max_size=20))
def test_never_raises(text):
    value = parse_chinese(text)
    assert value is None or value >= 0
