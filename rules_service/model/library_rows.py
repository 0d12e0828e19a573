"""Rows of a library of core indicators: strict reading of ``indicators*.csv`` and ``classes.csv``."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol

from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.nodes import Scalar
from rules_service.model.tables import read_table
from rules_service.model.validation import CATALOGUE

__all__ = [
    "ALIAS_SEPARATOR",
    "CLASSES",
    "CLASS_COLUMNS",
    "COLUMNS",
    "OPERATORS",
    "POLARITIES",
    "ClassPath",
    "CoreIndicator",
    "LibrarySource",
    "TableRow",
    "checked_rows",
    "read_library",
]

COLUMNS = (
    *("industry_code", "category_code", "use_code", "core_indicator_code", "lv1_code", "lv2_code"),
    *("name", "aliases", "unit", "operator", "polarity", "reference_value", "required"),
    *("value_source", "source", "note"),
)
CLASS_COLUMNS = ("industry_code", "category_code", "use_code", "name")
OPERATORS = ("GE", "LE", "EQ", "GT", "LT", "RANGE", "NONE")
POLARITIES = ("POSITIVE", "NEGATIVE", "NEUTRAL")
ALIAS_SEPARATOR = "|"
CLASSES = "classes.csv"

_REQUIRED = ("core_indicator_code", "lv1_code", "lv2_code", "name", "source")
_WORDS = {"operator": ("", *OPERATORS), "polarity": ("", *POLARITIES), "required": ("yes", "no")}
_DEFINING = (
    "core_indicator_code",
    *("lv1_code", "lv2_code", "name", "aliases", "unit", "operator", "polarity"),
)
_LONGEST = 500  # characters of a cell
_LONGEST_CODE = 60
_MOST_OF_A_USE = 500  # more cannot be chosen from
_AGAINST = {("NEGATIVE", "GE"), ("NEGATIVE", "GT"), ("POSITIVE", "LE"), ("POSITIVE", "LT")}


class TableRow(Protocol):
    """A row of a table: the texts of its columns, and where each of them stands."""

    def texts(self) -> Mapping[str, str]:
        """The texts by column."""
        ...

    def __getitem__(self, column: str) -> Scalar:
        """A cell with its place."""
        ...


ClassPath = tuple[str, str, str]
"""Codes of industry, category and use; blank from the level on that a row is not limited to."""


class CoreIndicator(NamedTuple):
    """One row.

    A blank use or category holds for all below its category or industry. A row without an industry is a
    common indicator, whose category is its class (each has one). ``operator`` and ``polarity`` are the
    engine's words or blank; ``reference_value`` is a text with unit, as targets are.
    """

    industry: str
    category: str
    use: str
    code: str
    lv1: str
    lv2: str
    name: str
    aliases: tuple[str, ...]
    unit: str
    operator: str
    polarity: str
    reference_value: str
    required: bool
    value_source: str
    source: str
    note: str
    place: Source

    @property
    def path(self) -> ClassPath:
        """What it is a core indicator of."""
        return (self.industry, self.category, self.use)

    @property
    def is_common(self) -> bool:
        """Whether it is one for all industries."""
        return not self.industry

    @property
    def definition(self) -> tuple[object, ...]:
        """What a code means: the same wherever the code stands."""
        return (self.code, *self[4:7], self.aliases, self.unit, self.operator, self.polarity)


@dataclass(frozen=True, slots=True)
class LibrarySource:
    """One version of a library as read: ``names`` are what people call its classes, by path."""

    folder: str
    document: LibraryDocument
    rows: tuple[CoreIndicator, ...]
    names: Mapping[ClassPath, str]


def read_library(
    folder: str, document: LibraryDocument, files: Mapping[str, bytes], found: Diagnostics
) -> LibrarySource:
    """Read the tables beside a manifest (file name → bytes); faulty rows are left out and reported."""
    rows, names, diagnostics = _read_cached(folder, tuple(sorted(files.items())))
    found.extend(diagnostics)
    tables = sorted(name for name in files if name != CLASSES)
    if not tables:
        found.add("LIBRARY-NO-TABLE", document.mark.source, folder=folder)
    elif not rows and not any(item.is_error for item in diagnostics):
        found.add("LIBRARY-NO-ROWS", Source(f"{folder}/{tables[0]}", 1, 1))
    return LibrarySource(folder, document, rows, names)


def checked_rows(rows: Iterable[TableRow], found: Diagnostics) -> tuple[CoreIndicator, ...]:
    """The indicators of rows with the columns ``COLUMNS``; faulty rows are left out and reported."""
    reader = _Reader(found)
    reader.table(rows)
    return tuple(reader.rows)


# A reload finds most libraries unchanged, and they may be large.
@lru_cache(maxsize=16)
def _read_cached(
    folder: str, files: tuple[tuple[str, bytes], ...]
) -> tuple[tuple[CoreIndicator, ...], Mapping[ClassPath, str], tuple[Diagnostic, ...]]:
    found = Diagnostics(CATALOGUE)
    reader = _Reader(found)
    for name, content in sorted(files, key=lambda file: file[0] != CLASSES):
        table = f"{folder}/{name}"
        if name == CLASSES:
            reader.classes(read_table(table, content, CLASS_COLUMNS, found))
        else:
            reader.table(read_table(table, content, COLUMNS, found))
    return tuple(reader.rows), reader.names, tuple(found.found)


@dataclass(slots=True)
class _Reader:
    """The rows read so far, and what later ones are compared with."""

    found: Diagnostics
    rows: list[CoreIndicator] = field(default_factory=list)
    names: dict[ClassPath, str] = field(default_factory=dict)
    by_code: dict[str, CoreIndicator] = field(default_factory=dict)
    by_place: dict[tuple[ClassPath, str], CoreIndicator] = field(default_factory=dict)
    by_name: dict[tuple[ClassPath, str, str, str], CoreIndicator] = field(default_factory=dict)
    of_use: Counter[ClassPath] = field(default_factory=Counter)
    spelled: dict[tuple[str, ...], ClassPath] = field(default_factory=dict)

    def classes(self, rows: Iterable[TableRow]) -> None:
        """The names of classes: every class once, below classes that are there."""
        places: dict[ClassPath, Source] = {}
        for row in rows:
            before = len(self.found.found)
            texts = row.texts()
            path = self._path(row, texts)
            self._filled(row, texts, ("name",) if any(path) else ("industry_code", "name"))
            self._short(row, texts)
            first = places.get(path)
            if first is not None:
                place = row["name"].source
                self.found.add("LIBRARY-CLASS-TWICE", place, path=_told(path), line=first.line)
            if len(self.found.found) == before:
                self.names[path] = texts["name"]
                places[path] = row["name"].source
        for path, place in places.items():
            above = _above(path)
            if above is not None and above not in self.names:
                self.found.add("LIBRARY-CLASS-PARENT", place, path=_told(path), above=_told(above))

    def table(self, rows: Iterable[TableRow]) -> None:
        """The indicators of one table."""
        for row in rows:
            before = len(self.found.found)
            texts = row.texts()
            path = self._path(row, texts)
            # a row of no class at all is a cell that was left out, not an indicator for everything
            self._filled(row, texts, _REQUIRED if any(path) else ("industry_code", *_REQUIRED))
            self._short(row, texts)
            for column, allowed in _WORDS.items():
                if texts[column] not in allowed:
                    words = "、".join(word for word in allowed if word)
                    self.found.add(
                        "DOC-NOT-ONE-OF", row[column].source, text=texts[column][:40], allowed=words
                    )
            if len(self.found.found) > before:
                continue
            made = _indicator(texts, path, row["core_indicator_code"].source)
            self._fits(made, row)
            self._compared(made, row)
            if len(self.found.found) == before:
                self.rows.append(made)

    def _filled(self, row: TableRow, texts: Mapping[str, str], columns: Iterable[str]) -> None:
        for column in columns:
            if not texts[column]:
                self.found.add("LIBRARY-BLANK", row[column].source, column=column)

    def _short(self, row: TableRow, texts: Mapping[str, str]) -> None:
        for column, text in texts.items():
            if len(text) > _LONGEST_CODE:
                limit = _LONGEST_CODE if column.endswith("_code") else _LONGEST
                if len(text) > limit:
                    place = row[column].source
                    self.found.add("LIBRARY-LONG", place, column=column, length=len(text), limit=limit)

    def _path(self, row: TableRow, texts: Mapping[str, str]) -> ClassPath:
        industry, category, use = (sys.intern(texts[column]) for column in CLASS_COLUMNS[:3])
        path = (industry, category, use)
        if use and not (category and industry):
            above = "industry_code" if category else "category_code"
            self.found.add("LIBRARY-GAP", row["use_code"].source, code=use, above=above)
        if path not in self.of_use:  # spellings are compared once a path
            self.of_use[path] = 0
            other = self.spelled.setdefault(tuple(map(_folded, path)), path)
            if other != path:
                place = row["industry_code"].source
                self.found.add("LIBRARY-SPELLING", place, path=_told(path), other=_told(other))
        return path

    def _fits(self, made: CoreIndicator, row: TableRow) -> None:
        """Whether the cells of a row go together."""
        if self.names and any(made.path) and made.path not in self.names:
            place = row["industry_code"].source
            self.found.add("LIBRARY-CLASS-UNKNOWN", place, path=_told(made.path))
        if made.required and made.is_common:
            self.found.add("LIBRARY-COMMON-REQUIRED", row["required"].source, name=made.name)
        if (made.polarity, made.operator) in _AGAINST:
            words = {"operator": made.operator, "polarity": made.polarity}
            self.found.add("LIBRARY-DIRECTION", row["operator"].source, **words)

    def _compared(self, made: CoreIndicator, row: TableRow) -> None:
        """Whether a row says the same as those before it with its code, and not the same under another."""
        path, place = made.path, made.place
        first = self.by_place.setdefault((path, made.code), made)
        if first is not made:
            at = {"file": first.place.file, "line": first.place.line}
            self.found.add("LIBRARY-TWICE", place, code=made.code, path=_told(path), **at)
            return
        known = self.by_code.setdefault(_folded(made.code), made)
        if known.definition != made.definition:
            at = {"file": known.place.file, "line": known.place.line}
            columns = "、".join(_different(known, made))
            self.found.add("LIBRARY-CONFLICT", place, code=made.code, columns=columns, **at)
        named = self.by_name.setdefault((path, made.lv2, _folded(made.name), made.unit), made)
        if named is not made:
            at = {"file": named.place.file, "line": named.place.line}
            self.found.add("LIBRARY-NAME-TWICE", row["name"].source, name=made.name, other=named.code, **at)
        self.of_use[path] += 1
        if self.of_use[path] == _MOST_OF_A_USE + 1 and not made.is_common:
            self.found.add("LIBRARY-USE-FULL", place, path=_told(path), limit=_MOST_OF_A_USE)


def _indicator(texts: Mapping[str, str], path: ClassPath, place: Source) -> CoreIndicator:
    # of a hundred thousand rows all but codes and names say the same few things
    return CoreIndicator(
        *path,
        code=texts["core_indicator_code"],
        lv1=sys.intern(texts["lv1_code"]),
        lv2=sys.intern(texts["lv2_code"]),
        name=texts["name"],
        aliases=tuple(part.strip() for part in texts["aliases"].split(ALIAS_SEPARATOR) if part.strip()),
        unit=sys.intern(texts["unit"]),
        operator=sys.intern(texts["operator"]),
        polarity=sys.intern(texts["polarity"]),
        reference_value=sys.intern(texts["reference_value"]),
        required=texts["required"] == "yes",
        value_source=sys.intern(texts["value_source"]),
        source=sys.intern(texts["source"]),
        note=sys.intern(texts["note"]),
        place=place,
    )


def _different(first: CoreIndicator, second: CoreIndicator) -> list[str]:
    pairs = zip(_DEFINING, first.definition, second.definition, strict=True)
    return [name for name, one, other in pairs if one != other]


def _above(path: ClassPath) -> ClassPath | None:
    industry, category, use = path
    if use:
        return (industry, category, "")
    return (industry, "", "") if category and industry else None


def _told(path: ClassPath) -> str:
    return " / ".join(code for code in path if code) or "–"


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
