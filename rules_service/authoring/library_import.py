"""Imports libraries of core indicators: tables as places keep them to a version as rulesets read it."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from rules_service.compile.lint_libraries import lint_library
from rules_service.compile.texts import collector
from rules_service.facts.library import TOP, lower
from rules_service.facts.units import UnitTable
from rules_service.facts.vocabulary import Vocabulary
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.library_rows import (
    ALIAS_SEPARATOR,
    CLASS_COLUMNS,
    CLASSES,
    COLUMNS,
    ClassPath,
    CoreIndicator,
    LibrarySource,
    checked_rows,
    read_library,
)
from rules_service.model.nodes import Scalar
from rules_service.model.reader import read_yaml
from rules_service.model.ruleset import LayerSource
from rules_service.model.tables import MAX_ROWS, Column, Row, read_table
from rules_service.model.validation import read_document
from rules_service.model.widths import narrow

__all__ = ["COLUMN_NAMES", "Imported", "Manifest", "Reading", "import_library"]

_LEVELS: Final = ("industry", "category", "use")
_CLASS_CELLS: Final = tuple(f"{level}_{part}" for level in _LEVELS for part in ("code", "name"))
_LEVEL_COLUMNS: Final = ("lv1_code", "lv2_code")
_NEEDED: Final = frozenset({"core_indicator_code", "lv1_code", "lv2_code", "name"})
# Texts for people stay as they are published; codes, words and values lose their full width.
_AS_PUBLISHED: Final = frozenset({"name", "aliases", "value_source", "source", "note"})
_BETWEEN_ALIASES: Final = re.compile(r"[|｜、；;]")
_INDICATORS: Final = "indicators"


@cache
def _texts() -> Mapping[str, Any]:
    path = Path(__file__).with_name("library_import.yaml")
    loaded: Mapping[str, Any] = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return loaded


COLUMN_NAMES: Final[tuple[str, ...]] = tuple(_texts()["columns"])
"""The columns that a table may have."""


@cache
def _words(column: str) -> Vocabulary:
    return Vocabulary.of((word, spellings) for word, spellings in _texts()["words"][column].items())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version says of itself; dates as texts, ``title`` and ``issuer`` in Chinese and English."""

    id: str
    version: str
    title: tuple[str, str]
    effective_from: str
    issuer: tuple[str, str]
    document: str
    proof: str
    tree: str
    sample: bool
    effective_to: str = ""
    source: str = ""

    def yaml(self) -> bytes:
        """The file ``library.yaml``."""

        def both(pair: tuple[str, str]) -> str:
            return f"{{zh: {_quoted(pair[0])}, en: {_quoted(pair[1])}}}"

        lines = {
            "id": self.id,
            "version": _quoted(self.version),
            "title": both(self.title),
            "effective_from": self.effective_from,
            "effective_to": self.effective_to,
            "issuer": both(self.issuer),
            "document": _quoted(self.document),
            "source": _quoted(self.source) if self.source else "",
            "proof": self.proof,
            "sample": "true" if self.sample else "false",
            "tree": _quoted(self.tree),
        }
        return "".join(f"{key}: {value}\n" for key, value in lines.items() if value).encode()


@dataclass(frozen=True, slots=True)
class Reading:
    """How the tables are to be read.

    ``columns`` are headers of theirs that name a column of ours, ``ignored`` those to be passed over;
    ``fill_down``: blank cells of the classes say what stands above them.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    sheet: str = ""
    fill_down: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """A version that was read without a fault, and its files by name."""

    library: LibrarySource
    files: Mapping[str, bytes]


def import_library(
    tables: Sequence[tuple[str, bytes]],
    manifest: Manifest,
    reading: Reading,
    *,
    root: LayerSource,
    units: UnitTable,
    found: Diagnostics,
) -> Imported | None:
    """The library in some tables (name and content), ``None`` after an error; faults go to ``found``.

    Levels are told by the vocabularies of ``root``, the layer that holds the indicator trees.
    """
    head = manifest.yaml()
    node = read_yaml("library.yaml", head, found)
    document = read_document(LibraryDocument, node, "library.yaml", found) if node is not None else None
    converter = _Converter(manifest, reading, _levels(root), found)
    rows = checked_rows(converter.rows(tables), found)
    if document is None or found.has_errors():
        return None
    library = LibrarySource("", document, rows, {path: cell.text for path, cell in converter.names.items()})
    compiling = collector()
    lint_library(library, [root], units, compiling)
    found.extend(compiling.found)
    if not rows:
        found.add("LIBRARY-NO-ROWS", Source(tables[0][0], 1, 1))
    if found.has_errors():
        return None
    files = {"library.yaml": head} | _files(rows, library.names)
    made = {name: content for name, content in files.items() if name != "library.yaml"}
    # What was written must be what rulesets read, whatever the tables held.
    read_library(f"libraries/{document.id}/{document.version}", document, made, found)
    return None if found.has_errors() else Imported(library, files)


def _levels(root: LayerSource) -> Mapping[str, Vocabulary]:
    return {
        column: Vocabulary.of(
            (value.code, value.aliases)
            for document in root.vocabularies
            if document.vocabulary == f"indicator.{column}"
            for value in document.values
        )
        for column in _LEVEL_COLUMNS
    }


@dataclass(slots=True)
class _Converter:
    """Turns rows of theirs into rows of ours; ``names`` collects what their classes are called."""

    manifest: Manifest
    reading: Reading
    levels: Mapping[str, Vocabulary]
    found: Diagnostics
    names: dict[ClassPath, Scalar] = field(default_factory=dict)

    def rows(self, tables: Sequence[tuple[str, bytes]]) -> Iterator[_Converted]:
        """The rows of all tables, one after another."""
        reading = self.reading
        columns = [Column(name, self._headers(name), required=name in _NEEDED) for name in COLUMN_NAMES]
        columns += [Column(name, required=False) for name in reading.ignored]
        fill_down = _CLASS_CELLS if reading.fill_down else ()
        for path, content in tables:
            for row in read_table(
                path, content, columns, self.found, sheet=reading.sheet, fill_down=fill_down
            ):
                made = _Converted(row, self.manifest, self.levels, self.found)
                self._name_classes(made, row)
                yield made

    def _headers(self, name: str) -> tuple[str, ...]:
        given = [header for header, column in self.reading.columns.items() if column == name]
        return (*_texts()["columns"][name], *given)

    def _name_classes(self, made: _Converted, row: Row) -> None:
        """Take down what the classes of a row are called; each has one name."""
        texts = made.texts()
        path = TOP
        for level in _LEVELS:
            code = texts[f"{level}_code"]
            if not code:
                continue
            path = lower(path, code, common=not texts["industry_code"])
            cell = row[f"{level}_name"]
            first = self.names.setdefault(path, cell)
            if cell.text and first.text and first.text != cell.text:
                told = {"code": code, "name": cell.text[:40], "other": first.text[:40]}
                self.found.add("LIBRARY-CLASS-NAMES", cell.source, line=first.source.line, **told)
            elif cell.text and not first.text:
                self.names[path] = cell


class _Converted:
    """A row in the columns of libraries; its cells keep their places in the table that they come from."""

    def __init__(
        self, row: Row, manifest: Manifest, levels: Mapping[str, Vocabulary], found: Diagnostics
    ) -> None:
        self._row = row
        self._found = found
        self.codes_at: dict[str, str] = {}
        given = row.texts()
        texts = {name: given[name] if name in _AS_PUBLISHED else narrow(given[name]) for name in COLUMN_NAMES}
        for level in _LEVELS:
            code = f"{level}_code"
            if not texts[code]:  # a table without codes has the names for codes
                self.codes_at[code] = f"{level}_name"
                texts[code] = texts[f"{level}_name"]
        for column, vocabulary in levels.items():
            texts[column] = self._word(texts, column, vocabulary)
        for column in ("operator", "polarity", "required"):
            texts[column] = self._word(texts, column, _words(column))
        parts = (part.strip() for part in _BETWEEN_ALIASES.split(texts["aliases"]))
        texts["aliases"] = ALIAS_SEPARATOR.join(part for part in parts if part)
        texts["reference_value"] = texts["reference_value"].removeprefix("=")
        texts["required"] = texts["required"] or "no"
        texts["source"] = texts["source"] or f"{manifest.document}，{Path(row.path).name} 第 {row.line} 行"
        self._texts = {column: texts[column] for column in COLUMNS}

    def texts(self) -> Mapping[str, str]:
        """The texts by our columns."""
        return self._texts

    def __getitem__(self, column: str) -> Scalar:
        """A cell of ours, at the place of theirs."""
        return Scalar(self._texts[column], self._row[self.codes_at.get(column, column)].source)

    def _word(self, texts: Mapping[str, str], column: str, vocabulary: Vocabulary) -> str:
        """The code of a word, blank after a fault."""
        text = texts[column]
        code = vocabulary.read(text) if text else ""
        if code is None:
            known = "、".join(sorted(vocabulary.codes))
            self._found.add("DOC-NOT-ONE-OF", self._row[column].source, text=text[:40], allowed=known)
            return text if column in _LEVEL_COLUMNS else ""
        return code


def _files(rows: Sequence[CoreIndicator], names: Mapping[ClassPath, str]) -> dict[str, bytes]:
    """The tables of a version; classes only where they are called other than their codes."""
    parts = [rows[start : start + MAX_ROWS] for start in range(0, len(rows), MAX_ROWS)]
    files = {}
    for number, part in enumerate(parts, start=1):
        name = f"{_INDICATORS}.csv" if len(parts) == 1 else f"{_INDICATORS}-{number}.csv"
        files[name] = _csv(COLUMNS, map(_cells, part))
    called = {path: name or _code(path) for path, name in names.items()}
    if any(name != _code(path) for path, name in called.items()):
        files[CLASSES] = _csv(CLASS_COLUMNS, ((*path, name) for path, name in called.items()))
    return files


def _code(path: ClassPath) -> str:
    return next(code for code in reversed(path) if code)


def _cells(row: CoreIndicator) -> Iterable[str]:
    aliases, required = ALIAS_SEPARATOR.join(row.aliases), "yes" if row.required else "no"
    yield from (*row.path, row.code, row.lv1, row.lv2, row.name, aliases, row.unit, row.operator)
    yield from (row.polarity, row.reference_value, required, row.value_source, row.source, row.note)


def _csv(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue().encode()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
