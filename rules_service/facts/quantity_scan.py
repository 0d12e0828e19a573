"""Finds the numbers of a clean copy with operator, unit and approximation; what isn't certain is no value."""

from __future__ import annotations

import re

from rules_service.facts.chinese_numbers import (
    BARE_UNITS,
    CAPITALS,
    CHINESE_DIGITS,
    CHINESE_NUMERALS,
    parse_chinese,
)
from rules_service.facts.number_tokens import NumberToken, behind, more, tail_of
from rules_service.facts.quantity_words import (
    FAR_OPERATOR,
    FAR_UNCERTAIN,
    LEFT,
    LEFT_ENDINGS,
    OPERATORS,
    PER,
    RATE_SIGNS,
    TIME_UNITS,
    measure_end,
    unit_end,
)
from rules_service.values.numbers import SCALE, NumberSyntaxError, parse_fixed

__all__ = ["DATE_FILL", "PHRASE_FILL", "WIDE_COMMA", "find_numbers", "may_hold_number"]

# Stand in the text, one for one, for what was masked: dates, phrases that are no numbers, and a
# full-width comma between half-width digits (300，500人 may be two numbers).
DATE_FILL = "\ue000"
PHRASE_FILL = "\ue001"
WIDE_COMMA = "\ue002"

_CN = f"[{CHINESE_NUMERALS}]"
_ONE = "[一二三四五六七八九]"
_CORE = re.compile(
    rf"(?P<parts>[十百千万]分之)(?P<of>百|[0-9]+(?:\.[0-9]+)?|{_CN}+(?:点[{CHINESE_DIGITS}]+)?)"
    r"|(?P<hundred>百分百)"
    rf"|(?P<unclear>{_CN}+分之|{_CN}+比{_CN}+|一半|半数|过半|大半|翻[一两三四几]?番"
    r"|(?:(?<![人户个次件天总指基点倍套台])数|几)[十百千万亿]+|[十百千万]几(?![何率]))"
    rf"|(?P<tenths>(?<![0-9.,零一二三四五六七八九十百千万])"
    rf"(?:(?:[0-9](?:\.[0-9])?|{_ONE})成(?:{_ONE}|半|[0-9](?![0-9.]))?(?![立果员活本品效功年人长就为绩交型套语分色份])"
    rf"|(?:[0-9](?:\.[0-9])?|{_ONE}{_ONE}?)折(?![合算旧叠扣价线])))"
    r"|(?P<half>半)(?=个月|年(?![度报])|天|日|小时|个?学期)"
    rf"|(?P<arabic>\d(?:[\d.,{WIDE_COMMA}]*\d)?)"
    rf"|(?P<chinese>{_CN}+(?:点[{CHINESE_DIGITS}]+(?:万亿|万|亿)?)?)"
)
_CANDIDATE = re.compile(rf"\d|{_CN}|半|番")
_PLAIN = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,12})?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,12})?")
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")  # 20231231
_RANGE = re.compile(r"\s?(?:-{1,2}|—{1,2}|–|~|〜|至|到)\s?")
_RANGE_GOES_ON = re.compile(rf"{_RANGE.pattern}(?:\d|{_CN})")
# Between two numbers these make one thing that we can't read: 1:3, 20m×30m, 64.8/64.8, 1 200.
_GLUE = re.compile(rf"[\s:*×xX+/^'’=⁄±÷\-~{WIDE_COMMA}]*")
# 5≤x≤10, 10+, 5-, 500-12月: the number is one end of something.
_UNFINISHED = re.compile(rf"\s?[<>≤≥≦≧=+]|{_RANGE.pattern}(?:{DATE_FILL}|$)")
_RANK = re.compile(r"(?:^|[^目当以之年日月此先])前$")  # 前10
_DENIED = re.compile(r"[不没非未勿][再会能得应可宜许]?$")
_BOUNDARY = re.compile(r"\s*(?:$|[,;:。、.!?)\]])")
_CLAUSE = re.compile(r"[,;。、:!?]")
_PER_NUMBER = re.compile(r"每(?:$|[0-9十百千万亿])")
_YEARS = range(1950 * SCALE, 2100 * SCALE)
_LEFT_REACH = 14
_CLAUSE_REACH = 24


def may_hold_number(text: str) -> bool:
    """A quick look whether a number may stand in the text at all."""
    return _CANDIDATE.search(text) is not None


def find_numbers(text: str) -> list[NumberToken]:
    """All numbers of a clean copy (dates and phrases masked), in order, ranges joined to one."""
    tokens: list[NumberToken] = []
    position = 0
    for match in _CORE.finditer(text):
        if match.start() < position:
            continue
        last = tokens[-1] if tokens else None
        gap = _gap(text, last, match.start())
        token = _number(text, match, last.end if last else 0, joined=gap == "range")
        if gap == "glue" and last is not None:
            last.value = last.upper = None
            last.end = last.unit_stop = token.end if token else match.end()
            last.unit = last.printed_unit = ""
        elif token is None:
            continue
        elif gap == "range" and last is not None:
            _range(last, token)
        else:
            tokens.append(token)
        position = tokens[-1].end
    return tokens


def _gap(text: str, last: NumberToken | None, start: int) -> str:
    """What stands between two numbers: "range", "glue" or "" (they are separate)."""
    if last is None:
        return ""
    between = text[last.unit_stop : start]
    if between and not last.tail and _RANGE.fullmatch(between):
        return "range"
    between = text[last.end : start]
    if _GLUE.fullmatch(between) is None:
        return ""
    separate = (last.unit or last.tail) and between.strip() in {"", ":"}
    return "" if separate else "glue"


def _number(text: str, match: re.Match[str], limit: int, *, joined: bool) -> NumberToken | None:
    """One number with what belongs to it; ``None`` if it turns out not to be a number."""
    if match["arabic"]:
        token = _arabic(text, match)
    elif match["chinese"]:
        token = behind(text, match.start(), match.end(), parse_chinese(match["chinese"]))
    else:
        token = _special(text, match)
    if token is None:
        return None
    if _UNFINISHED.match(text, token.end) or _RANK.search(text, max(limit, token.start - 2), token.start):
        token.value = None
    if not joined and token.start > limit:
        if text[token.start - 1] in "~〜":
            token.value = None  # ~5: about or up to?
        if text[token.start - 1] in LEFT_ENDINGS:
            _before(text, token, limit)
        _clause_before(text, token, limit)
    if match["chinese"]:
        return _chinese_or_not(text, match, token, limit)
    return token


def _arabic(text: str, match: re.Match[str]) -> NumberToken | None:
    start, end = match.span()
    printed = match["arabic"]
    value: int | None = None
    if _PLAIN.fullmatch(printed):
        value = parse_fixed(printed)
    elif _GROUPED.fullmatch(printed) and not _interval(text, start, end):
        try:
            value = parse_fixed(printed.replace(",", ""))
        except NumberSyntaxError:
            value = None
    token = behind(text, start, end, value)
    before = text[start - 1] if start else ""
    if before.isascii() and before.isalpha():
        # PM2.5, A4, CO2 are names; LED50盏 might be 50.
        token.value = None
        return token if unit_end(text, end) > end and text[end] > "一" else None
    lone = token.unit_stop == end and (_runs_on(text, end) or _DAY.fullmatch(printed) is not None)
    dated = token.unit == "年" and printed.rpartition(".")[1:] > (".", "19")  # 1.2023年: item 1 of a list
    if before == "." or lone or dated:
        token.value = None
    return token


def _interval(text: str, start: int, end: int) -> bool:
    """[80,100] may be an interval."""
    return text[start - 1 : start] in {"[", "("} and text[end : end + 1] in {"]", ")"}


def _runs_on(text: str, end: int) -> bool:
    """A letter that is no unit, a raised figure, 分之, 85折: the number goes on in a way we can't read."""
    char = text[end : end + 1]
    return (
        (char.isascii() and char.isalpha()) or char in set("²³¹⁄_^") or text.startswith(("分之", "折"), end)
    )


def _special(text: str, match: re.Match[str]) -> NumberToken:
    start, end = match.span()
    if match["unclear"]:
        return NumberToken(start, end, end, None)
    if match["half"]:
        return behind(text, start, end, SCALE // 2)
    if match["hundred"]:
        value: int | None = 100 * SCALE
        unit = "%"
    elif match["parts"]:
        value, unit = _parts_of(match["parts"][0], match["of"])
    else:
        value, unit = _tenths(match["tenths"]), "%"
    token = NumberToken(start, end, end, value, unit=unit, printed_unit=unit, mixed=True)
    tail_of(text, token)
    return token


def _parts_of(base: str, number: str) -> tuple[int | None, str]:
    """百分之九十五 → 95 %, 千分之三 → 3 ‰, 十分之三 → 30 %."""
    if number == "百":
        value: int | None = 100 * SCALE
    elif number[0].isdecimal():
        value = parse_fixed(number) if _PLAIN.fullmatch(number) else None
    else:
        value = parse_chinese(number)
    if base == "十":
        return (None if value is None else value * 10, "%")
    return (value, {"百": "%", "千": "‰", "万": "‱"}[base])


def _tenths(text: str) -> int | None:
    """九成五 → 95, 8.5折 → 85, 八五折 → 85."""
    number, _, rest = text.partition("成" if "成" in text else "折")
    if rest and "." in number:
        return None
    figures = (number + rest.replace("半", "五")).replace(".", "")
    digits = "".join(str("零一二三四五六七八九".index(char)) if char > "9" else char for char in figures)
    return parse_fixed(digits.ljust(2, "0"))


def _before(text: str, token: NumberToken, limit: int) -> None:
    """Operator, 约, currency and sign directly before the number."""
    left = LEFT.search(text, max(limit, token.start - _LEFT_REACH), token.start)
    if left is None or not left.group().strip():
        return
    window = left["approx"] == "近" and token.unit in TIME_UNITS  # 近三年: the last three years
    token.approximate = token.approximate or (left["approx"] is not None and not window)
    token.value = _signed(text, token.value, left)
    token.start = left.start()
    if left["currency"] and not token.unit:
        token.unit, token.printed_unit = "元", token.printed_unit or "元"
    operator = OPERATORS.get(left["op"] or "", "")
    if operator == "NE" or (operator and _DENIED.search(text, max(limit, token.start - 2), token.start)):
        token.value, operator = None, ""
    if operator and token.operator and operator != token.operator:
        token.value = None  # 超过95%以上: which?
    token.operator = operator or token.operator


def _signed(text: str, value: int | None, left: re.Match[str]) -> int | None:
    sign = left["sign"]
    if not sign or value is None:
        return value
    before = text[left.start("sign") - 1] if left.start("sign") else ""
    free = left["op"] or left["approx"] or left["currency"] or before in {"", " ", ":", ",", "(", "、", ";"}
    if not free or sign in "±$":
        return None
    return -value if sign in "-−" else value


def _clause_before(text: str, token: NumberToken, limit: int) -> None:
    """What the same clause says before: 至少培训100人, 每亩补助475元, 低于上年5%."""
    clause = text[max(limit, token.start - _CLAUSE_REACH) : token.start]
    *_, clause = _CLAUSE.split(clause)
    if not clause:
        return
    if _PER_NUMBER.search(clause) or (clause[-1] == DATE_FILL and not token.unit):
        token.value = None  # 每10万人5例, 5月20
        return
    if not token.operator:
        far = FAR_OPERATOR.search(clause)
        if far:
            token.operator = OPERATORS[far.group(1)]
        elif FAR_UNCERTAIN.search(clause):
            token.value = None
    if token.unit and "每" in clause and token.unit not in RATE_SIGNS and "/" not in token.unit:
        per = PER.findall(clause)
        if per:
            token.unit = f"{token.unit}/{'·'.join(per)}"


def _chinese_or_not(text: str, match: re.Match[str], token: NumberToken, limit: int) -> NumberToken | None:
    """一般, 三级, 万元 are words; 三所, 两千零五十, 不少于百户 are numbers, the last one unreadable."""
    run, start, end = match["chinese"], match.start(), match.end()
    before = text[start - 1] if start else ""
    printed = bool(token.operator) or token.approximate
    measured = measure_end(text, more(text, end)) > more(text, end)
    bare = all(char in BARE_UNITS for char in run)
    if bare:
        printed = printed or (
            before in set("上过数几成") and text[max(start - 2, 0) : start] not in {"以上", "之上"}
        )
    elif run in CAPITALS and "一" <= before <= "鿿" and not token.operator:
        return None
    if bare or token.value is None or text[end : end + 1].isdecimal():
        token.value = None
        counts = printed or text[end : end + 1].isdecimal() or (measured and not bare)
        return token if counts else None
    if measured or token.tail or _stands_alone(text, match, printed=printed, limit=limit):
        return token
    if len(run) > 1 or printed or (start <= limit and _BOUNDARY.match(text, end)):
        if not (len(run) > 1 and token.unit):
            token.value = None
        return token
    return None


def _stands_alone(text: str, match: re.Match[str], *, printed: bool, limit: int) -> bool:
    """A numeral without a unit: 两千零五十, 不少于三, 三至五个; 一 and 二 may be a dash and a damaged =."""
    run, end = match["chinese"], match.end()
    if _RANGE_GOES_ON.match(text, end):
        return True
    if _BOUNDARY.match(text, end) is None:
        return False
    free = match.start() <= limit or _CLAUSE.match(text, match.start() - 1) is not None
    return printed or len(run) > 1 or (free and run not in {"一", "二"})


def _range(low: NumberToken, high: NumberToken) -> None:
    """Join to ``low`` what follows it: 500-600, 5%至10%, 1-1.5万元; one unit, the lower bound first."""
    first, second = low.value, high.value
    if not low.unit and low.multiplier == 1 and first is not None:
        first *= high.multiplier
    clear = (
        low.unit in {high.unit, ""}
        and not low.operator
        and not high.operator
        and low.upper is None
        and (low.unit != "" or not high.mixed)
    )
    if first is None or second is None or not clear or first > second:
        first = second = None
    elif not high.unit and first in _YEARS and second in _YEARS:
        first = second = None  # 2024至2027: years?
    low.value, low.upper = first, second
    low.operator = "RANGE" if second is not None else ""
    low.end, low.unit_stop, low.tail = high.end, high.unit_stop, high.tail
    low.unit, low.printed_unit, low.multiplier = high.unit, high.printed_unit, high.multiplier
    low.approximate = low.approximate or high.approximate
