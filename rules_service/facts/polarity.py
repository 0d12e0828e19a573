"""Which way an indicator is good: more is better (满意度, 合格率) or less is (故障率, 成本)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rules_service.facts.text import normalise
from rules_service.values.numbers import Ratio, parse_fixed, reduced

__all__ = ["POLARITIES", "PolarityDictionary", "PolarityEntry", "PolarityRowError"]

# UNKNOWN blocks shorter terms: 成本控制率 says nothing although 成本 does.
POLARITIES = ("POSITIVE", "NEGATIVE", "NEUTRAL", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class PolarityEntry:
    """A term of names (or of level-2 heads); ``natural_max`` is a ratio, 100 % = 1/1, ``None``: none."""

    term: str
    polarity: str
    natural_max: Ratio | None


# 未按期完成率: what the term says does not hold, nor surely its opposite.
_NEGATION = re.compile(r"[未非无]|不(?![断仅])")
_NEGATED = PolarityEntry("", "UNKNOWN", None)


class PolarityRowError(ValueError):
    """A row of the dictionary that can't be used; the text names the column."""


class PolarityDictionary:
    """Terms with their polarity, from rows {term, where, polarity, natural_max, …} of texts.

    It is asked with working copies of names and heads.

    ``where`` is "name" (level-3 name) or "lv2" (level-2 head); ``natural_max`` is empty or a percentage
    (100).  The longest terms count; a term inside a longer one that matched does not; one behind 未, 无 or
    不 says nothing.
    """

    __slots__ = ("_lv2", "_name")

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        entries: dict[str, dict[str, PolarityEntry]] = {"name": {}, "lv2": {}}
        for row in rows:
            entry = _entry(row)
            target = entries.get(row["where"])
            if target is None:
                raise PolarityRowError("where")
            if target.setdefault(entry.term, entry) is not entry:
                raise PolarityRowError("term")
        self._name = _Terms(entries["name"])
        self._lv2 = _Terms(entries["lv2"])

    def lookup(self, name: str, lv2: str = "") -> str:
        """POSITIVE, NEGATIVE or NEUTRAL; "" if no term matches or the matching ones disagree.

        The name decides; its level-2 head only where no term of the name list matches.
        """
        return self.read(name, lv2)[0]

    def natural_max(self, name: str, lv2: str = "") -> Ratio | None:
        """What the value can't exceed by nature (100 % = 1/1); ``None`` where there is no such limit."""
        return self.read(name, lv2)[1]

    def read(self, name: str, lv2: str = "") -> tuple[str, Ratio | None]:
        """``lookup`` and ``natural_max`` at once."""
        found = self._name.longest(name) or self._lv2.longest(lv2)
        polarities = {entry.polarity for entry in found}
        polarity = polarities.pop() if len(polarities) == 1 else ""
        limits = {entry.natural_max for entry in found}
        return "" if polarity == "UNKNOWN" else polarity, limits.pop() if len(limits) == 1 else None


class _Terms:
    """A word list; finds in a text the longest of its terms, wherever they stand."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, PolarityEntry]) -> None:
        # By first character, the longest term first: few characters of a name begin any term.
        self._entries: dict[str, list[PolarityEntry]] = {}
        for term in sorted(entries, key=len, reverse=True):
            self._entries.setdefault(term[0], []).append(entries[term])

    def longest(self, text: str) -> list[PolarityEntry]:
        found: list[PolarityEntry] = []
        covered = 0
        starting = self._entries.get
        for start, character in enumerate(text):
            for entry in starting(character, ()):
                if text.startswith(entry.term, start):
                    end = start + len(entry.term)
                    if end > covered:  # a term inside the one before it adds nothing
                        covered = end
                        negated = _NEGATION.search(text, max(0, start - 4), start)
                        found.append(_NEGATED if negated else entry)
                    break
        return found


def _entry(row: Mapping[str, str]) -> PolarityEntry:
    term = normalise(row["term"])
    if not term:
        raise PolarityRowError("term")
    if row["polarity"] not in POLARITIES:
        raise PolarityRowError("polarity")
    limit = row["natural_max"]
    if limit and re.fullmatch(r"[0-9]{1,6}", limit) is None:
        raise PolarityRowError("natural_max")
    maximum = reduced((parse_fixed(limit), parse_fixed("100"))) if limit else None
    return PolarityEntry(term, row["polarity"], maximum)
