"""The working copy of a text: what rules read and compare, with the way back to the raw text.

In this order: superscripts, enumeration signs (①, ⑴, ⒈, ㈠ …) and unit squares (㎡, ㎏ …) are
protected; the rest goes through NFKC; control and format characters and variation selectors go out;
white space folds to one space and goes from both ends; ASCII letters become lower case.  Offsets count
UTF-16 code units of the raw text, as Java does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["WorkingCopy", "clean_copy", "normalise", "utf16_length", "utf16_slice", "working_copy"]

# What NFKC would destroy: m² must not become m2, ① not 1, ⒈5 not 1.5, ㎡ not m2.
_PROTECTED = "²³¹⁰-ⁿ①-⒛⓪-⓿❶-➓㈠-㈩㉑-㉟㊀-㊉㊱-㊿㍱-㏟㏿"
_IS_PROTECTED = re.compile(f"[{_PROTECTED}]")

# Characters that NFKC keeps or maps one to one, and that compose with nothing before them.
_SIMPLE = "!-~、。《》〈〉【】〔〕〖〗〇「」『』“”‘’·—×÷±≈≠≤≥≦≧→★☆■□●○◆▲※%一-鿿！-～￥"
_CLEAN = re.compile(f"[ {_SIMPLE}]*")

# Unicode categories Cc (without white space) and Cf, and the variation selectors; a test compares this
# list with the Unicode tables of the running Python.
_IGNORED_CLASS = (
    "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
_IGNORED = re.compile(f"[{_IGNORED_CLASS}]")
_RUNS = re.compile(rf"(?P<simple>[{_SIMPLE}]+(?: [{_SIMPLE}]+)*)|(?P<space>\s+)|(?P<odd>[^{_SIMPLE}\s]+)")
# NFKC sorts combining marks in quadratic time, so marks beyond the Unicode stream-safe limit of 30 on one
# letter go out: 100,000 of them would hold a thread for seconds.
_MARKS_MAX = 30
# What NFKC does to the simple characters; a test compares.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {ord("￥"): "¥"}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """The working copy and, for each of its characters, where it came from in the raw text.

    ``starts[i]`` and ``ends[i]`` are UTF-16 offsets in the raw text; both sequences never fall.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @property
    def offsets(self) -> tuple[tuple[int, int], ...]:
        """One pair (start, end) for each character of the copy."""
        return tuple(zip(self.starts, self.ends, strict=True))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw UTF-16 range of ``text[start:end]``; an empty range stands where its start is."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return (at, at)
        return (self.starts[start], self.ends[end - 1])


def utf16_length(text: str) -> int:
    """How many UTF-16 code units Java counts in ``text``."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of ``text`` between two positions as Java counts them."""
    if text.isascii() or max(text) <= "\uffff":
        return text[start:end]
    encoded = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return encoded.decode("utf-16-le", "surrogatepass")


def normalise(raw: str) -> str:
    """Return the working copy alone; doing it twice changes nothing."""
    if _is_clean(raw):
        return raw.translate(_NARROW).lower()
    return working_copy(raw).text


def working_copy(raw: str) -> WorkingCopy:
    """The working copy with its offsets."""
    return _copy(raw, fold_case=True)


def clean_copy(raw: str) -> WorkingCopy:
    """As ``working_copy`` but with the case kept: MW and mW are different units."""
    return _copy(raw, fold_case=False)


def _is_clean(raw: str) -> bool:
    """Only simple characters, single spaces, none at the ends: offsets are 1:1."""
    return (
        _CLEAN.fullmatch(raw) is not None
        and "  " not in raw
        and not (raw and (raw[0] == " " or raw[-1] == " "))
    )


def _copy(raw: str, *, fold_case: bool) -> WorkingCopy:
    if _is_clean(raw):
        text = raw.translate(_NARROW)
        return WorkingCopy(text.lower() if fold_case else text, range(len(raw)), range(1, len(raw) + 1))
    builder = _Builder(fold_case)
    position = 0
    for run in _RUNS.finditer(raw):
        piece = run.group()
        if run.lastgroup == "simple":
            builder.simple(piece, position)
        elif run.lastgroup == "space":
            builder.space(position, position + len(piece))
        else:
            position = builder.odd(piece, position)
            continue
        position += len(piece)
    return builder.result()


def _compatible(text: str) -> str:
    """NFKC of everything but the protected characters."""
    if text.isascii():
        return text
    if _IS_PROTECTED.search(text) is None:
        return unicodedata.normalize("NFKC", text)
    return "".join(
        char if _IS_PROTECTED.match(char) else unicodedata.normalize("NFKC", char) for char in text
    )


class _Builder:
    """Collects the copy piece by piece; positions are UTF-16 offsets of the raw text."""

    __slots__ = ("_ends", "_fold", "_parts", "_starts")

    def __init__(self, fold_case: bool) -> None:
        self._fold = fold_case
        self._parts: list[str] = []  # one entry a cluster or a run
        self._starts: list[int] = []
        self._ends: list[int] = []

    def simple(self, piece: str, position: int) -> None:
        """A run of simple characters: all in the basic plane, one to one."""
        text = piece.translate(_NARROW)
        self._parts.append(text.lower() if self._fold else text)
        self._starts.extend(range(position, position + len(piece)))
        self._ends.extend(range(position + 1, position + len(piece) + 1))

    def space(self, start: int, end: int) -> None:
        """White space: one space, or more of the one before; none at the beginning."""
        if not self._starts:
            return
        if self._parts[-1].endswith(" "):
            self._ends[-1] = end
        else:
            self._emit(" ", start, end)

    def odd(self, piece: str, position: int) -> int:
        """Anything else, cluster by cluster; returns the position behind it."""
        cluster, start, end = self._last_letter(position)
        marks = 0
        for char in piece:
            width = 2 if char > "\uffff" else 1
            if _IGNORED.match(char):
                position += width
                continue
            if cluster and _joins(cluster, char):
                marks += 1
            else:
                self._flush(cluster, start, end)
                cluster, start, marks = "", position, 0
            if marks <= _MARKS_MAX:
                cluster += char
            position += width
            end = position
        self._flush(cluster, start, end)
        return position

    def result(self) -> WorkingCopy:
        """The finished copy, without a space at its end."""
        text = "".join(self._parts).removesuffix(" ")
        length = len(text)
        return WorkingCopy(text, tuple(self._starts[:length]), tuple(self._ends[:length]))

    def _last_letter(self, position: int) -> tuple[str, int, int]:
        """Take back the last character: a mark that follows may combine with it."""
        if not self._parts or self._parts[-1].endswith(" "):
            return ("", position, position)
        last = self._parts.pop()
        if len(last) > 1:
            self._parts.append(last[:-1])
        return (last[-1], self._starts.pop(), self._ends.pop())

    def _flush(self, cluster: str, start: int, end: int) -> None:
        text = _compatible(cluster)
        if self._fold and not text.islower():
            # Again NFKC: a lower-case letter may combine where the capital did not (ẖ).
            text = _compatible(text.translate(_LOWER))
        if " " not in text:
            if text:
                self._emit(text, start, end)
            return
        for char in text:
            if char == " ":
                self.space(start, end)
            else:
                self._emit(char, start, end)

    def _emit(self, text: str, start: int, end: int) -> None:
        self._parts.append(text)
        self._starts.extend([start] * len(text))
        self._ends.extend([end] * len(text))


def _joins(cluster: str, char: str) -> bool:
    """Whether ``char`` combines with, or is sorted among, what stands before it."""
    if unicodedata.combining(unicodedata.normalize("NFKD", char)[0]):
        return True
    if _IS_PROTECTED.match(char):
        return False
    last = unicodedata.normalize("NFKC", cluster)[-1]
    pair = unicodedata.normalize("NFKC", last + char)
    return pair != unicodedata.normalize("NFKC", last) + unicodedata.normalize("NFKC", char)
