"""Vague wording (QNT-03): clauses with a vague term and no number in the same clause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules_service.facts.quantity import find_quantities
from rules_service.facts.text import normalise, utf16_length, working_copy

__all__ = ["VagueHit", "VagueList", "VagueReading"]

# Where clauses end; a comma between digits (1,200) does not.
_CLAUSE_END = re.compile(
    r"[。；;、！!？?\n\r\v\f\x85\u2028\u2029]|[，,](?![0-9０-９])|(?<![0-9０-９])[，,]|(?<![0-9０-９])\.|\.(?![0-9０-９])"
)
# Between the name of a rate and its number: 及时率：≥95%, 完成率达到100%.
_TO_NUMBER = re.compile(
    r"[\s:,=≥≤<>]*(?:不低于|不少于|达到?|为|是|约|超过)?[\s:≥≤<>]*[0-9零一二两三四五六七八九十百]"
)


@dataclass(frozen=True, slots=True)
class VagueHit:
    """A vague term at ``start``–``end`` (UTF-16 units of the raw text) and the clause it stands in."""

    term: str
    start: int
    end: int
    clause: str


@dataclass(frozen=True, slots=True)
class VagueReading:
    """The hits of a text in order; of ``clauses`` (those not blank), ``vague`` hold at least one."""

    hits: tuple[VagueHit, ...]
    clauses: int
    vague: int


class VagueList:
    """Vague terms with the words that must follow some of them, and phrases that are not vague.

    ``terms``: rows {term, followed_by}, ``followed_by`` a sequence of words (one must follow directly) or
    empty.  ``whitelist``: rows {phrase, kind}; kind "phrase": the words themselves; kind "rate": a suffix
    (率) that makes a term the name of a rate (及时率) where a number follows.
    """

    __slots__ = ("_rates", "_terms", "_white", "terms")

    def __init__(
        self,
        terms: Iterable[Mapping[str, str | Sequence[str]]],
        whitelist: Iterable[Mapping[str, str]] = (),
    ) -> None:
        patterns: dict[str, str] = {}
        for row in terms:
            term = normalise(str(row["term"]))
            following = [normalise(word) for word in row.get("followed_by", ())]
            patterns[term] = re.escape(term) + (f"(?={_either(following)})" if following else "")
        rows = list(whitelist)
        phrases = [normalise(row["phrase"]) for row in rows if row["kind"] == "phrase"]
        suffixes = [normalise(row["phrase"]) for row in rows if row["kind"] == "rate"]
        self.terms = frozenset(patterns)
        """The terms, as working copies."""
        ordered = sorted(patterns, key=len, reverse=True)
        self._terms = re.compile("|".join(patterns[term] for term in ordered)) if ordered else None
        self._white = re.compile(_either(phrases)) if phrases else None
        self._rates = re.compile(f"[一-鿿]{{0,6}}?{_either(suffixes)}") if suffixes else None

    def read(self, raw: str) -> VagueReading:
        """All vague clauses of a text (a goal text or a qualitative value)."""
        hits: list[VagueHit] = []
        clauses = vague = 0
        offset = begin = 0
        ends = [(match.start(), match.end()) for match in _CLAUSE_END.finditer(raw)]
        for stop, following in [*ends, (len(raw), len(raw))]:
            clause = raw[begin:stop]
            if not clause.isspace() and clause:
                found = self._clause(clause, raw[stop : stop + 20], offset)
                clauses += 1
                vague += bool(found)
                hits += found
            offset += utf16_length(raw[begin:following])
            begin = following
        return VagueReading(tuple(hits), clauses, vague)

    def _clause(self, clause: str, behind: str, offset: int) -> list[VagueHit]:
        if self._terms is None:
            return []
        text = normalise(clause)
        masked = self._white.sub(_blank, text) if self._white else text
        matches = [match for match in self._terms.finditer(masked) if not self._rate(text, match, behind)]
        if not matches or any(part.is_target for part in find_quantities(clause)):
            return []
        copy = working_copy(clause)
        spans = [(match.group(), *copy.span(*match.span())) for match in matches]
        return [VagueHit(term, offset + start, offset + end, clause.strip()) for term, start, end in spans]

    def _rate(self, text: str, match: re.Match[str], behind: str) -> bool:
        """The name of a rate with its number behind it, be it behind a comma: 完成及时率，≥95%."""
        rate = self._rates.match(text, match.end()) if self._rates else None
        return rate is not None and _TO_NUMBER.match(text[rate.end() :] + normalise(behind)) is not None


def _blank(match: re.Match[str]) -> str:
    return "\ue000" * len(match.group())


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
