"""Numbers written in Chinese: 两千零五十, 十二万三千, 壹佰, 廿五, 三点五万; read strictly or not at all."""

from __future__ import annotations

from rules_service.values.numbers import DECIMALS, SCALE

__all__ = ["BARE_UNITS", "CAPITALS", "CHINESE_DIGITS", "CHINESE_NUMERALS", "parse_chinese"]

CHINESE_DIGITS = "零〇一二两三四五六七八九"
BARE_UNITS = "百千万亿佰仟萬億"
CAPITALS = "壹贰叁肆伍陆柒捌玖拾佰仟萬億貳陸兩"
CHINESE_NUMERALS = CHINESE_DIGITS + "十百千万亿廿卅" + CAPITALS

_PLAIN = str.maketrans("〇壹贰叁肆伍陆柒捌玖拾佰仟萬億貳陸兩", "零一二三四五六七八九十百千万亿二六两")
_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNIT = {"十": 10, "百": 100, "千": 1000}
_TENS = {"十": 10, "廿": 20, "卅": 30}
_MYRIADS = {"": 1, "万": 10**4, "亿": 10**8, "万亿": 10**12}


def parse_chinese(text: str) -> int | None:
    """Read a whole numeral into units of 10⁻¹², or ``None`` if it isn't one or has two readings.

    Colloquial short forms (一百五, 三万五, 两三) are refused: 150 or 105, 35,000 or 30,005?
    """
    value: int
    plain = text.translate(_PLAIN)
    whole, point, fraction = plain.partition("点")
    if not point:
        integer = _integer(whole)
        if integer is None:
            return None
        value = integer * SCALE
        return value
    digits = fraction.rstrip("万亿")
    factor = _MYRIADS.get(fraction[len(digits) :])
    integer = _integer(whole)
    if integer is None or factor is None or not 0 < len(digits) <= DECIMALS or "两" in digits:
        return None
    if any(char not in _DIGIT for char in digits) or (factor > 1 and integer >= 10**4):
        return None
    decimals = sum(_DIGIT[char] * 10 ** (DECIMALS - 1 - at) for at, char in enumerate(digits))
    value = (integer * SCALE + decimals) * factor
    return value


def _integer(text: str) -> int | None:
    if text == "零":
        return 0
    return _grouped(text, "亿", 10**8, first=True)


def _grouped(text: str, mark: str, factor: int, *, first: bool) -> int | None:
    """``high`` 亿 ``low`` (then ``high`` 万 ``low``); ``low`` may be empty."""
    high, found, low = text.rpartition(mark)
    if not found:
        return _below(text, mark, first=first)
    left = _below(high, mark, first=first)
    if left is None:
        return None
    if not low:
        return left * factor
    if low in _DIGIT:  # 三万五 is 35,000 to most people and 30,005 to nobody; not ours to say
        return None
    right = _below(low, mark, first=False)
    return None if right is None else left * factor + right


def _below(text: str, mark: str, *, first: bool) -> int | None:
    return _grouped(text, "万", 10**4, first=first) if mark == "亿" else _section(text, first=first)


def _section(text: str, *, first: bool) -> int | None:
    """A number below 10,000; behind 万 or 亿 (``first`` false) it may begin with 零."""
    total, last, zero = 0, 10**4, False
    at, length = 0, len(text)
    while at < length:
        char = text[at]
        following = _UNIT.get(text[at + 1]) if at + 1 < length else None
        if char == "零":
            if zero or (at == 0 and first) or last == 10 or at + 1 == length:
                return None
            zero = True
            at += 1
        elif char in _DIGIT and following:
            if following >= last or (char == "两" and following == 10):
                return None
            total, last, zero = total + _DIGIT[char] * following, following, False
            at += 2
        elif char in _DIGIT:
            return total + _DIGIT[char] if _may_end(text, at, last, zero=zero) else None
        elif char in _TENS and (at == 0 or (last == 100 and not zero and char == "十")):
            total, last = total + _TENS[char], 10
            at += 1
        else:
            return None
    return total or None


def _may_end(text: str, at: int, last: int, *, zero: bool) -> bool:
    """Whether a lone digit may stand at ``at``: at the end, alone, behind 十, or behind 零."""
    if at + 1 != len(text) or (text[at] == "两" and at):
        return False
    return at == 0 or zero or last == 10
