"""Libraries of core indicators, ready to be asked by code, by class, and by parts of names."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from rules_service.facts.missing import Absent, because
from rules_service.facts.text import normalise
from rules_service.facts.vocabulary import Vocabulary
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.library_rows import ClassPath, CoreIndicator, LibrarySource
from rules_service.values.outcomes import MissingReason

__all__ = ["TOP", "Libraries", "Library", "label", "lower"]

TOP: Final[ClassPath] = ("", "", "")
"""The class that all others are below."""
_LEVELS: Final = ("industry_code", "category_code", "use_code")
_END = "\n"  # ends a row's names in the text that is searched; no name holds it


def label(indicator: CoreIndicator) -> str:
    """What people call a core indicator: its name and code."""
    return f"{indicator.name}（{indicator.code}）"


def lower(path: ClassPath, code: str, *, common: bool = False) -> ClassPath:
    """The class of a code below a class; common indicators have classes of one level."""
    if common:
        return ("", code, "")
    industry, category, _ = path
    if not industry:
        return (code, "", "")
    return (industry, category, code) if category else (industry, code, "")


class Library:
    """One version of a library; common indicators (without industry) stand apart, by their classes."""

    def __init__(self, source: LibrarySource) -> None:
        self.document: LibraryDocument = source.document
        self.names: Mapping[ClassPath, str] = source.names
        self.by_code: dict[str, CoreIndicator] = {}
        for row in source.rows:
            self.by_code.setdefault(row.code, row)
        self._again: dict[str, list[CoreIndicator]] = {}
        for row in source.rows:
            if self.by_code[row.code] is not row:
                self._again.setdefault(row.code, []).append(row)
        self._specific = _Classes([row for row in source.rows if not row.is_common])
        self._common = _Classes([row for row in source.rows if row.is_common])

    def counts(self) -> dict[str, int]:
        """How many industries, categories, uses, core indicators, and common classes and indicators."""
        depths = [_depth(path) for path in self._specific.ranges]
        return {
            "industries": depths.count(1),
            "categories": depths.count(2),
            "uses": depths.count(3),
            "indicators": len({row.code for row in self._specific.rows}),
            "common_classes": len(self._common.ranges) - 1,
            "common_indicators": len({row.code for row in self._common.rows}),
        }

    def has(self, path: ClassPath, *, common: bool = False) -> bool:
        """Whether the library has a class."""
        return path in self._of(common).ranges

    def below(self, path: ClassPath, *, common: bool = False) -> list[tuple[ClassPath, int]]:
        """The classes of the next level below a class, each with the number of its rows."""
        classes = self._of(common)
        return [(child, len(classes.ranges[child])) for child in classes.children.get(path, ())]

    def size(self, path: ClassPath, *, common: bool = False) -> int:
        """How many rows hold for a class, as ``find`` without a text gives them."""
        return self._of(common).size(path)

    def own(self, path: ClassPath) -> Sequence[CoreIndicator]:
        """The rows of exactly this class: for all that is below it."""
        places = self._specific.own.get(path, range(0))
        return self._specific.rows[places.start : places.stop]

    def find(self, path: ClassPath, contains: str = "", *, common: bool = False) -> Iterator[CoreIndicator]:
        """The rows that hold for a class, those of the classes around it first, then all below it.

        With ``contains`` those with this text in their name or another spelling of it.
        """
        return self._of(common).find(path, _searched(contains))

    def rows_of(self, code: str) -> list[CoreIndicator]:
        """Every row of a code, in the order of the table."""
        first = self.by_code.get(code)
        return [] if first is None else [first, *self._again.get(code, ())]

    def spellings(self, level: int) -> Iterator[tuple[str, str]]:
        """Codes of a level (0: industries, 1: categories, 2: uses) with their names, "" for none."""
        for path in self._specific.ranges:
            if _depth(path) == level + 1:
                yield path[level], self.names.get(path, "")

    def _of(self, common: bool) -> _Classes:
        return self._common if common else self._specific


class _Classes:
    """Rows class after class, in the order of the table: every class with all below it is one range."""

    def __init__(self, rows: Sequence[CoreIndicator]) -> None:
        self.children: dict[ClassPath, dict[ClassPath, None]] = {TOP: {}}
        exactly: dict[ClassPath, list[CoreIndicator]] = {}
        for row in rows:
            if row.path not in exactly:
                self._grow(row.path)
            exactly.setdefault(row.path, []).append(row)
        self.ranges: dict[ClassPath, range] = {}
        self.own: dict[ClassPath, range] = {}
        self.rows: list[CoreIndicator] = []
        self._lay(TOP, exactly)
        # All names in one text: searching it is quick, whatever the number of rows.
        names = [_END.join(map(_searched, (row.name, *row.aliases))) + _END * 2 for row in self.rows]
        self._text = "".join(names)
        self._starts: list[int] = []
        start = 0
        for name in names:
            self._starts.append(start)
            start += len(name)
        self._starts.append(start)

    def find(self, path: ClassPath, contains: str) -> Iterator[CoreIndicator]:
        """As ``Library.find``, with a text as it is searched for."""
        for around in _around(path):
            yield from self._in(self.own.get(around, range(0)), contains)
        yield from self._in(self.ranges.get(path, range(0)), contains)

    def size(self, path: ClassPath) -> int:
        """As ``Library.size``."""
        around = sum(len(self.own.get(each, ())) for each in _around(path))
        return around + len(self.ranges.get(path, ()))

    def _in(self, places: range, contains: str) -> Iterator[CoreIndicator]:
        if not contains:
            yield from map(self.rows.__getitem__, places)
            return
        place, end = places.start, self._starts[places.stop]
        while (found := self._text.find(contains, self._starts[place], end)) >= 0:
            place = bisect_right(self._starts, found)
            yield self.rows[place - 1]

    def _grow(self, path: ClassPath) -> None:
        """Make room for a class and those around it."""
        while path != TOP and path not in self.children.get(_above(path), ()):
            self.children.setdefault(_above(path), {})[path] = None
            path = _above(path)

    def _lay(self, path: ClassPath, exactly: Mapping[ClassPath, list[CoreIndicator]]) -> None:
        start = len(self.rows)
        self.rows += exactly.get(path, ())
        self.own[path] = range(start, len(self.rows))
        for child in self.children.get(path, ()):
            self._lay(child, exactly)
        self.ranges[path] = range(start, len(self.rows))


class Libraries:
    """The libraries in force in a place on a day; no two of them give one code two meanings."""

    def __init__(self, libraries: Iterable[Library] = ()) -> None:
        self.all = tuple(libraries)

    def __bool__(self) -> bool:
        return bool(self.all)

    def indicator(self, code: str | None) -> CoreIndicator | None:
        """The core indicator of a code; of its rows the first."""
        for library in self.all if code is not None else ():
            found = library.by_code.get(code or "")
            if found is not None:
                return found
        return None

    def reference(self, code: str | None, use: Sequence[str | None]) -> tuple[Library, CoreIndicator] | None:
        """The row whose reference value holds for a core indicator of a project with these codes of its use.

        That is the row of the project's own classes; of other uses only what all rows of the code say.
        """
        for library in self.all if code is not None else ():
            rows = library.rows_of(code or "")
            if not rows:
                continue
            own = [
                row
                for row in rows
                if all(known in {"", given} for known, given in zip(row.path, use, strict=True))
            ]
            values = {row.reference_value for row in rows}
            best = max(
                own, key=lambda row: sum(map(bool, row.path)), default=rows[0] if len(values) == 1 else None
            )
            return (library, best) if best is not None and best.reference_value else None
        return None

    def cores(self, codes: Sequence[str | None]) -> tuple[CoreIndicator, ...] | Absent:
        """The core indicators for the codes of an industry, category and use, common ones left out.

        ``Absent`` where a code that would decide is missing, or means no class below the one before it.
        """
        path = TOP
        found: list[CoreIndicator] = []
        for name, code in zip(_LEVELS, codes, strict=True):
            if not any(library.below(path) for library in self.all):
                break  # nothing is told apart below this class
            if code is None:
                return because(name)
            path = lower(path, code)
            if not any(library.has(path) for library in self.all):
                return Absent(MissingReason.UNKNOWN_CODE, f"project.{name}")
            for library in self.all:
                found += library.own(path)
        return tuple(found)

    def vocabularies(self) -> dict[str, Vocabulary]:
        """By fact the codes that may be filed; a class may be filed by its name where one code has it."""
        found = {
            f"project.{name}": _vocabulary(pair for library in self.all for pair in library.spellings(level))
            for level, name in enumerate(_LEVELS)
        }
        codes = ((code, ()) for library in self.all for code in library.by_code)
        return found | {"indicator.core_indicator_code": Vocabulary.of(codes)}


def _vocabulary(pairs: Iterable[tuple[str, str]]) -> Vocabulary:
    names: dict[str, set[str]] = {}
    codes: dict[str, None] = {}
    for code, name in pairs:
        codes[code] = None
        if name:
            names.setdefault(normalise(name), set()).add(code)
    aliases: dict[str, list[str]] = {}
    for name, owners in names.items():
        if len(owners) == 1:
            aliases.setdefault(min(owners), []).append(name)
    return Vocabulary.of((code, aliases.get(code, ())) for code in codes)


def _depth(path: ClassPath) -> int:
    return max((number for number, code in enumerate(path, start=1) if code), default=0)


def _above(path: ClassPath) -> ClassPath:
    industry, category, use = path
    if use:
        return (industry, category, "")
    return (industry, "", "") if category else TOP


def _around(path: ClassPath) -> list[ClassPath]:
    """The classes around a class, from the top."""
    found: list[ClassPath] = []
    while path != TOP:
        path = _above(path)
        found.insert(0, path)
    return found


def _searched(text: str) -> str:
    return normalise(text).replace(" ", "")
