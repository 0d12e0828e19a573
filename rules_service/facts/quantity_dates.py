"""Dates and periods inside a value: 2021年12月31日, 12月底前, 2023.07-2024.01, 三季度, 2021年全年."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from rules_service.facts.chinese_numbers import parse_chinese
from rules_service.values.numbers import SCALE

__all__ = ["DateToken", "QuantityDate", "find_dates", "may_hold_date"]

YearMonthDay = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class QuantityDate:
    """A day, or the first and the last day of a period, as printed.

    ``start`` and ``end`` are (year, month, day); year 0: none printed; day 0: the last of a February of
    such a year.  ``kind`` is "day"; "month" (2021年12月) or "part" of a year (三季度, 上旬), as deadlines
    their last days; or "period": a year, or from … to ….
    """

    kind: str
    start: YearMonthDay
    end: YearMonthDay

    def resolve(self, fiscal_year: int | None) -> tuple[int, int] | None:
        """First and last day as day numbers; ``None`` if a year is neither printed nor given."""
        first = _ordinal(self.start, fiscal_year)
        last = _ordinal(self.end, fiscal_year)
        return None if first is None or last is None or last < first else (first, last)


@dataclass(frozen=True, slots=True)
class DateToken:
    """A date found at ``text[start:end]``; ``date`` is ``None`` if it can't be read for certain.

    ``operator``: LE for 前, 内 and 不晚于, GE for 起 and 以后, LT for 早于, GT for 晚于, else "".
    ``precise`` is false for a year or a part of it (2021年, 全年): that alone is no target in time.
    """

    start: int
    end: int
    date: QuantityDate | None
    operator: str
    precise: bool


_Y = r"(?:19[5-9]\d|20\d\d|[一二][〇零九][〇零一二三四五六七八九]{2})"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_ONE = "[一二三四五六七八九]"
_D = rf"(?:3[01]|[12]\d|0?[1-9]|三十一?|廿{_ONE}?|二?十{_ONE}?|{_ONE})"
_PART = r"(?:上半年|下半年|第?[一二三四1-4]季度|Q[1-4])"
_JOIN = r"\s?(?:-{1,2}|—{1,2}|–|~|〜|至|到)\s?"
_FREE = r"(?<![0-9./⁄²³A-Za-z第〇零一二三四五六七八九十百千万亿个])(?<![0-9],)"
_DATE = re.compile(
    _FREE
    + "(?:"
    # Number ranges whose unit is part of a date: 2023-2025年, 2023年1-7月, 6月1-30日.
    + rf"(?P<y1>{_Y})\s?(?:年\s?)?{_JOIN}(?P<y2>{_Y})\s?年度?"
    + rf"|(?:(?P<ym>{_Y})\s?年\s?)?(?P<m1>{_M}){_JOIN}(?P<m2>{_M})\s?月份?底?(?!\s?[0-9一二三十])"
    + rf"|(?:(?P<yd>{_Y})\s?年\s?)?(?P<md>{_M})\s?月\s?(?P<d1>{_D})\s?[日号]?{_JOIN}(?P<d2>{_D})\s?[日号]"
    # What looks like a date and is not certain: 23年5月, 2023-2024学年, 06-30.
    + rf"|(?P<bad>(?:{_Y}{_JOIN})?{_Y}\s?学年|[0-9]{{2}}\s?年\s?{_M}\s?月"
    + r"|0[1-9]-(?:[0-2]\d|3[01])(?=$|[\s,;。、)]))"
    # One point in time.
    + rf"|(?P<year>{_Y})(?:(?P<sep>[-/.])(?P<mm>1[0-2]|0?[1-9])(?:(?P=sep)(?P<dd>3[01]|[12]\d|0?[1-9]))?"
    + r"(?:\s?月)?(?![0-9.%/]))"
    + rf"|(?:(?P<ya>{_Y})\s?年度?\s?)?(?:(?P<month>{_M})\s?月份?(?:\s?(?P<day>{_D})\s?[日号]"
    + rf"|(?P<xun>[上中下]旬)|(?P<last>底|末)|(?P<early>初)|\s?(?P<bare>{_D})(?=$|[\s,;。、)前]))?"
    + rf"|(?P<part>{_PART})(?P<pend>底|末)?)"
    + rf"|(?P<only>{_Y})\s?年(?!级)(?:度(?!底|末|内))?(?:\s?全年)?"
    + r"(?:度?(?P<yend>底|末)|度?(?P<yin>内)|(?P<yearly>初|中))?"
    + r"|(?P<word>(?:本年度?|当年度?|本年|当年|年度?)(?:(?P<wend>底|末)|内)|全年度?)"
    + ")"
)
_JOINED = re.compile(_JOIN)
_BEFORE = re.compile(r"(不晚于|不迟于|不早于|早于|晚于|截至|截止到?|<=|≤|≦|>=|≥|≧|<|>|=|每)\s?$")
_AFTER = re.compile(r"\s?(?:完成|竣工|完工)?\s?(以前|之前|前|以后|之后|后|起|以内|之内|内)?")
_HINT = re.compile(r"[年月]|季度|Q[1-4]|(?:19|20)\d\d\s?[-/.]\s?\d|0\d-\d\d")
_END = re.compile(r"\s*(?:$|[,;。、)])")
_OPERATORS = {
    "以前": "LE", "之前": "LE", "前": "LE", "以内": "LE", "之内": "LE", "内": "LE",
    "以后": "GE", "之后": "GE", "后": "GE", "起": "GE",
    "不晚于": "LE", "不迟于": "LE", "截至": "LE", "截止": "LE", "截止到": "LE",
    "不早于": "GE", "早于": "LT", "晚于": "GT",
    "<=": "LE", "≤": "LE", "≦": "LE", ">=": "GE", "≥": "GE", "≧": "GE", "<": "LT", ">": "GT", "=": "EQ",
}  # fmt: skip
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_TENS = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 0)}


def may_hold_date(text: str) -> bool:
    """A quick look whether a date may stand in the text at all."""
    return _HINT.search(text) is not None


def find_dates(text: str) -> list[DateToken]:
    """All dates and periods of a clean copy, in order, ranges of two dates joined to one."""
    tokens: list[DateToken] = []
    matches = list(_DATE.finditer(text))
    at = 0
    while at < len(matches):
        match = matches[at]
        end, read, at = match.end(), _read(match), at + 1
        joined = 0
        while at < len(matches) and _JOINED.fullmatch(text, end, matches[at].start()):
            joined += 1  # from … to …, and not on from there
            read = _join(read, _read(matches[at])) if joined == 1 else None
            end, at = matches[at].end(), at + 1
        while at < len(matches) and matches[at].start() < end:
            at += 1
        token = _token(text, match, end, read, joined=joined > 0)
        if token is not None:
            tokens.append(token)
    return tokens


def _token(
    text: str, match: re.Match[str], end: int, read: QuantityDate | None, *, joined: bool
) -> DateToken | None:
    start = match.start()
    before = _BEFORE.search(text, max(0, start - 6), start)
    after = _AFTER.match(text, end)
    word, tail = (before.group(1) if before else ""), (after.group(1) if after else None) or ""
    if not joined and match["sep"] and match["dd"] is None:
        # 2023.07 alone may be a month or an amount; 2023.07万元 is an amount, 2023.07完成 is a month.
        stop = after.end() if after else end
        if stop == end:
            if not _END.match(text, end):
                return None
            if match["sep"] == ".":
                read = None
    start = before.start() if before else start
    if word == "每" or (
        word and word in "<=>=≤≦≥≧" and match["month"] and not match["day"] and not match["ya"]
    ):
        # 每月10日 is no day of the year; ≤3月 may be three months or March.
        read = None
    operator = _OPERATORS.get(tail) or ("LE" if match["yin"] or (match["word"] or "").endswith("内") else "")
    printed = _OPERATORS.get(word, "")
    if operator and printed and operator != printed:
        read = None
    precise = not (match["only"] or match["word"] or match["y1"]) or bool(match["yend"] or match["wend"])
    return DateToken(start, after.end() if after else end, read, operator or printed, precise)


def _read(match: re.Match[str]) -> QuantityDate | None:
    """One match, without looking around it."""
    if match["bad"] or match["early"] or match["yearly"]:
        return None
    if match["y1"] or match["m1"] or match["md"]:
        return _printed_range(match)
    if match["year"]:
        return _month_or_day(_year(match["year"]), _small(match["mm"]), match["dd"])
    if match["month"]:
        return _of_month(match, _year(match["ya"]), _small(match["month"]))
    if match["part"]:
        part = _part(_year(match["ya"]), match["part"])
        return QuantityDate("day", part.end, part.end) if match["pend"] else part
    return _of_year(_year(match["only"]), at_end=bool(match["yend"] or match["wend"]))


def _of_year(year: int, *, at_end: bool) -> QuantityDate:
    if at_end:
        return QuantityDate("day", (year, 12, 31), (year, 12, 31))
    return QuantityDate("period", (year, 1, 1), (year, 12, 31))


def _printed_range(match: re.Match[str]) -> QuantityDate | None:
    """2023-2025年, 1-7月, 6月1-30日."""
    if match["y1"]:
        return _period((_year(match["y1"]), 1, 1), (_year(match["y2"]), 12, 31))
    if match["m1"]:
        year = _year(match["ym"])
        return _period((year, _small(match["m1"]), 1), _last(year, _small(match["m2"])))
    year, month = _year(match["yd"]), _small(match["md"])
    return _period((year, month, _small(match["d1"])), (year, month, _small(match["d2"])))


def _of_month(match: re.Match[str], year: int, month: int) -> QuantityDate | None:
    if match["last"]:
        return QuantityDate("day", _last(year, month), _last(year, month))
    if match["xun"]:
        first, last = _TENS[match["xun"]]
        end = (year, month, last) if last else _last(year, month)
        return QuantityDate("part", (year, month, first), end)
    return _month_or_day(year, month, match["day"] or match["bare"])


def _month_or_day(year: int, month: int, day: str | None) -> QuantityDate | None:
    if day is None:
        return QuantityDate("month", (year, month, 1), _last(year, month))
    point = (year, month, _small(day))
    return QuantityDate("day", point, point) if _exists(point) else None


def _part(year: int, part: str) -> QuantityDate:
    if part.endswith("半年"):
        first = 1 if part[0] == "上" else 7
        return QuantityDate("part", (year, first, 1), _last(year, first + 5))
    quarter = _QUARTERS[part.removeprefix("第").removeprefix("Q")[0]]
    return QuantityDate("part", (year, quarter * 3 - 2, 1), _last(year, quarter * 3))


def _join(first: QuantityDate | None, second: QuantityDate | None) -> QuantityDate | None:
    """From the first date to the second, which takes over the year if it prints none."""
    if first is None or second is None:
        return None
    end = second.end
    if end[0] == 0 and first.start[0]:
        end = (first.start[0], *(_last(first.start[0], end[1])[1:] if end[2] == 0 else end[1:]))
    if (end[0] == 0) != (first.start[0] == 0):
        return None
    return _period(first.start, end)


def _period(start: YearMonthDay, end: YearMonthDay) -> QuantityDate | None:
    """A period whose days exist and stand in order."""
    if not (_exists(start) and _exists(end)) or (end[0], end[1], end[2] or 29) < start:
        return None
    return QuantityDate("period", start, end)


def _exists(point: YearMonthDay) -> bool:
    return point[2] <= monthrange(point[0] or 2000, point[1])[1]


def _last(year: int, month: int) -> YearMonthDay:
    if year == 0 and month == 2:
        return (0, 2, 0)
    return (year, month, monthrange(year or 2000, month)[1])


def _year(text: str | None) -> int:
    if not text:
        return 0
    if text.isdecimal():
        return int(text)
    return int("".join(str("〇一二三四五六七八九".index("〇" if char == "零" else char)) for char in text))


def _small(text: str) -> int:
    """A month or a day in digits or in Chinese."""
    return int(text) if text.isdecimal() else (parse_chinese(text) or 0) // SCALE


def _ordinal(point: YearMonthDay, fiscal_year: int | None) -> int | None:
    year = point[0] or fiscal_year
    if year is None:
        return None
    try:
        return date(year, point[1], point[2] or monthrange(year, point[1])[1]).toordinal()
    except ValueError:  # 29 February in a year that has none
        return None
