"""What stands behind a number: multiplier (万, 亿), unit, 半, and 以上, 以内, 左右."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rules_service.facts.quantity_words import (
    MULTIPLIERS,
    RANKS,
    TAIL,
    TAIL_OPERATORS,
    TIME_UNITS,
    UNKNOWN_UNIT,
    unit_end,
)
from rules_service.values.numbers import SCALE

__all__ = ["NumberToken", "behind", "more", "tail_of"]


@dataclass(slots=True)
class NumberToken:
    """A number at ``text[start:end]``, operator and unit included; filled while the text is read.

    ``value`` is in units of 10⁻¹² of ``unit`` with the multiplier applied, ``None`` if it can't be read.
    ``unit_stop`` is where number and unit end; ``tail`` says whether 以上, 左右 … followed.
    """

    start: int
    end: int
    unit_stop: int
    value: int | None
    upper: int | None = None
    operator: str = ""
    unit: str = ""
    printed_unit: str = ""
    multiplier: int = 1
    approximate: bool = False
    tail: bool = False
    mixed: bool = False  # 1万2千, 八折: the figure isn't the value over the multiplier


_MIXED = re.compile(r"([0-9]{1,8})(万|千|百)?")
_MULTIPLIER = re.compile("|".join(sorted(MULTIPLIERS, key=len, reverse=True)))
_HALF_UNITS = frozenset({"年", "天", "日", "月", "个月", "小时", "倍", "亩", "吨", "公里", "里", "斤"})
_MAX = 10**18 * SCALE


def behind(text: str, start: int, end: int, value: int | None) -> NumberToken:
    """The number printed at ``text[start:end]`` with all that follows it."""
    token = NumberToken(start, end, end, value)
    if end == len(text):
        return token
    at = _past_space(text, end)
    if text.startswith("(", at) and _bracketed_unit(text, at + 1, token):
        tail_of(text, token)
        return token
    stop = unit_end(text, at)
    if stop == at:
        at, stop = _multiplied(text, end, token)
    token.unit = text[at:stop].replace("每", "/")
    if stop > at:
        token.unit_stop = token.end = stop
    if token.value is not None and abs(token.value) >= _MAX:
        token.value = None
    token.printed_unit += token.unit
    if text.startswith("/", token.unit_stop):
        token.value = None  # per something that we don't know
    if token.unit_stop < len(text):
        _half(text, token)
        tail_of(text, token)
    return token


def more(text: str, at: int) -> int:
    """Where 余, 多 or 来 at ``at`` ends: 100余人, 20多个, 十来个."""
    following = text[at : at + 1]
    if following in {"余", "多"} or (
        following == "来" and text[at + 1 : at + 2] in {"个", "人", "次", "名", "万"}
    ):
        return at + 1
    return at


def tail_of(text: str, token: NumberToken) -> None:
    """Read 以上, 以内, 左右, 前 … behind the unit into the token."""
    at = more(text, token.unit_stop)
    over = at > token.unit_stop
    tail = TAIL.match(text, at)
    if over:
        token.approximate = token.tail = True
        token.end = at
    if tail is None or not tail.group().strip():
        return
    operator = TAIL_OPERATORS.get(tail["op"] or "", "")
    if operator in {"GE", "LE"} and "(不含" in (tail["before"] or "") + (tail["after"] or ""):
        operator = "GT" if operator == "GE" else "LT"
    token.operator = operator
    token.approximate = token.approximate or tail["approx"] is not None
    token.tail = bool(operator) or token.approximate
    token.end = tail.end()
    if operator and token.unit in RANKS:
        token.value = None
    if tail["time"]:
        if token.unit in TIME_UNITS or not token.unit:
            token.value = None  # 10日前 may be the 10th or ten days ago; 12.31前 is no number
        else:
            token.end = max(token.unit_stop, tail.start("time"))


def _multiplied(text: str, end: int, token: NumberToken) -> tuple[int, int]:
    """Multiplier and the unit behind it, as (begin, stop) of the unit; also a unit that nobody listed."""
    at = more(text, end)
    token.approximate = at > end
    found = _MULTIPLIER.match(text, _past_space(text, at))
    if found:
        token.multiplier, at = MULTIPLIERS[found.group()], found.end()
        token.printed_unit = found.group()
        if token.value is not None:
            token.value *= token.multiplier
        at = _mixed(text, at, token)
        over = more(text, at)
        token.approximate, at = token.approximate or over > at, over
    token.unit_stop = token.end = at
    begin = _past_space(text, at)
    stop = unit_end(text, begin)
    if stop == begin and not token.approximate:
        unknown = UNKNOWN_UNIT.match(text, begin)
        stop = unknown.end() if unknown else stop
    return begin, stop


def _bracketed_unit(text: str, at: int, token: NumberToken) -> bool:
    """814(万元)."""
    found = _MULTIPLIER.match(text, at)
    begin = found.end() if found and unit_end(text, at) == at else at
    stop = unit_end(text, begin)
    if stop == begin or not text.startswith(")", stop):
        return False
    if begin > at and found:
        token.multiplier = MULTIPLIERS[found.group()]
        token.value = None if token.value is None else token.value * token.multiplier
    token.unit, token.printed_unit = text[begin:stop], text[at:stop]
    token.unit_stop = token.end = stop + 1
    return True


def _half(text: str, token: NumberToken) -> None:
    """一年半, 两个半月."""
    at = token.unit_stop
    if not text.startswith("半", at) or token.value is None:
        return
    token.unit_stop = token.end = at + 1
    if token.unit == "个" and text.startswith("半月", at):
        token.unit = token.printed_unit = "个月"
        token.unit_stop = token.end = at + 2
    elif token.unit not in _HALF_UNITS or token.value % SCALE:
        token.value = None
        return
    token.value += SCALE // 2


def _mixed(text: str, at: int, token: NumberToken) -> int:
    """1万2千, 1亿2000万, 1万2000: every step smaller than the one before, or it can't be read."""
    step = token.multiplier
    begin = at
    while step > 1 and (found := _MIXED.match(text, at)):
        at = found.end()
        factor = MULTIPLIERS[found[2]] if found[2] else 1
        amount = int(found[1]) * factor
        complete = factor > 1 or (step == 10**4 and len(found[1]) == 4)
        if factor >= step or amount >= step or not complete:
            token.value = None
        if token.value is not None:
            token.value += amount * SCALE
        step = factor
    if at > begin:
        token.mixed, token.multiplier, token.printed_unit = True, 1, ""
    return at


def _past_space(text: str, at: int) -> int:
    return at + 1 if text.startswith(" ", at) else at
