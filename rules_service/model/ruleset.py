"""A ruleset's files, read: the head, the regions, and for each layer its documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TypeVar

from rules_service.model.calendar_documents import CalendarDocument
from rules_service.model.check_documents import CheckDocument
from rules_service.model.decision_documents import DecisionDocument, VerdictMapDocument
from rules_service.model.decision_table_documents import TableDocument
from rules_service.model.decision_table_rows import TableSource, read_rows
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.fields import Document
from rules_service.model.library_documents import LibraryDocument
from rules_service.model.library_rows import LibrarySource, read_library
from rules_service.model.nodes import Node
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.parameter_documents import ParameterDocument
from rules_service.model.practice_documents import PracticeDocument
from rules_service.model.reader import read_yaml
from rules_service.model.sheet_documents import SheetDocument
from rules_service.model.standard_rows import StandardRow, read_standards
from rules_service.model.test_files import TestFiles
from rules_service.model.validation import CATALOGUE, read_document, read_documents
from rules_service.model.vocabulary_documents import (
    ContentSetDocument,
    MessagesDocument,
    RegionDocument,
    RulesetDocument,
    TreeDocument,
    VocabularyDocument,
)
from rules_service.model.wordlist_files import OPERATORS_FILE, check_wordlist, read_default_operators

__all__ = ["ROOT_FOLDER", "LayerSource", "RulesetSource", "parse_ruleset"]

ROOT_FOLDER = "national"
_OVERLAYS = "overlays/"
_OVERLAY_FILE = "overlay.yaml"
_LIBRARY_FILE = "library.yaml"
_PRACTICES_FILE = "practices.yaml"
_TABLE_FILES = (".yaml", ".csv", ".xlsx")

D = TypeVar("D", bound=Document)


@dataclass(slots=True)
class LayerSource:
    """What one region's folder holds; ``overlay`` is absent for the root layer."""

    folder: str
    region: str
    overlay: OverlayDocument | None = None
    checks: list[CheckDocument] = field(default_factory=list)
    parameters: list[ParameterDocument] = field(default_factory=list)
    decisions: list[DecisionDocument] = field(default_factory=list)
    verdict_maps: list[VerdictMapDocument] = field(default_factory=list)
    trees: list[TreeDocument] = field(default_factory=list)
    content_sets: list[ContentSetDocument] = field(default_factory=list)
    vocabularies: list[VocabularyDocument] = field(default_factory=list)
    messages: list[MessagesDocument] = field(default_factory=list)
    calendars: list[CalendarDocument] = field(default_factory=list)
    standards: list[StandardRow] = field(default_factory=list)
    wordlists: dict[str, bytes] = field(default_factory=dict)
    default_operators: dict[str, str] = field(default_factory=dict)
    tests: TestFiles = field(default_factory=TestFiles)
    practices: list[PracticeDocument] = field(default_factory=list)
    libraries: list[LibrarySource] = field(default_factory=list)
    score_sheets: list[SheetDocument] = field(default_factory=list)
    tables: list[TableSource] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RulesetSource:
    """A ruleset that could be read; ``layers`` begins with the root layer; ``files`` is what is bundled."""

    head: RulesetDocument
    regions: tuple[RegionDocument, ...]
    layers: tuple[LayerSource, ...]
    files: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def root(self) -> LayerSource:
        """The layer that all others build on."""
        return self.layers[0]


def parse_ruleset(files: Mapping[str, bytes]) -> tuple[RulesetSource | None, list[Diagnostic]]:
    """Read a ruleset from its files (path → bytes); never raises for what an author wrote.

    The source is ``None`` when any error was found.
    """
    found = Diagnostics(CATALOGUE)
    head = _head(RulesetDocument, "ruleset.yaml", files, found)
    if "regions.yaml" not in files:
        found.add("FILE-MISSING", Source("regions.yaml", 1, 1), name="regions.yaml")
    regions = _many(RegionDocument, "regions.yaml", files.get("regions.yaml", b"[]"), found)
    root = LayerSource(ROOT_FOLDER, head.root if head is not None else "")
    layers = {ROOT_FOLDER: root} | _overlay_layers(files, found)
    for path in sorted(files):
        if path in {"ruleset.yaml", "regions.yaml"} or path.endswith("/" + _OVERLAY_FILE):
            continue
        layer = _layer_of(path, layers)
        if layer is not None and _is_of_table(layer, path):
            continue  # read together, below
        if layer is None or not _take(layer, path, files[path], found):
            found.add("FILE-UNKNOWN", Source(path, 1, 1))
    for layer in layers.values():
        layer.tables += _tables(layer, files, found)
    for folder, tables in _libraries(files).items():
        layer = _layer_of(folder, layers)
        if layer is not None:
            layer.libraries += _library(folder, tables, files, found)
    diagnostics = found.in_order()
    if head is None or found.has_errors():
        return None, diagnostics
    source = RulesetSource(head, tuple(regions), tuple(layers.values()), dict(files), tuple(diagnostics))
    return source, diagnostics


def _overlay_layers(files: Mapping[str, bytes], found: Diagnostics) -> dict[str, LayerSource]:
    layers: dict[str, LayerSource] = {}
    for path in sorted(files):
        if path.startswith(_OVERLAYS) and path.endswith("/" + _OVERLAY_FILE):
            overlay = _head(OverlayDocument, path, files, found)
            folder = path.removesuffix("/" + _OVERLAY_FILE)
            layers[folder] = LayerSource(folder, overlay.region if overlay is not None else "", overlay)
    return layers


def _layer_of(path: str, layers: Mapping[str, LayerSource]) -> LayerSource | None:
    """The layer of the nearest folder above a file that is one."""
    for parent in PurePosixPath(path).parents:
        if str(parent) in layers:
            return layers[str(parent)]
    return None


def _take(layer: LayerSource, path: str, content: bytes, found: Diagnostics) -> bool:
    """Read one file into its layer; false if no such file belongs there."""
    inner = path.removeprefix(layer.folder + "/")
    folder = inner.partition("/")[0]
    if not fnmatchcase(inner, f"{folder}/*.yaml") or folder == "tests":
        return _take_other(layer, path, inner, content, found)
    if folder == "checks" and layer.overlay is None:  # an overlay's checks stand in its overlay.yaml
        layer.checks += _many(CheckDocument, path, content, found)
    elif folder == "decisions":
        layer.decisions += _many(DecisionDocument, path, content, found)
    elif folder == "parameters":
        layer.parameters += _one(ParameterDocument, path, content, found)
    elif folder == "verdict_maps":
        layer.verdict_maps += _one(VerdictMapDocument, path, content, found)
    elif folder == "trees":
        layer.trees += _one(TreeDocument, path, content, found)
    elif folder == "content_sets":
        layer.content_sets += _one(ContentSetDocument, path, content, found)
    elif folder == "vocabularies":
        layer.vocabularies += _one(VocabularyDocument, path, content, found)
    elif folder == "scoresheets":
        layer.score_sheets += _one(SheetDocument, path, content, found)
    elif folder == "messages":
        layer.messages += _one(MessagesDocument, path, content, found)
    elif folder == "calendars":
        layer.calendars += _one(CalendarDocument, path, content, found)
    else:
        return _take_other(layer, path, inner, content, found)
    return True


def _libraries(files: Mapping[str, bytes]) -> dict[str, dict[str, bytes]]:
    """The tables of each library version by name, by its folder ``…/libraries/<id>/<version>``."""
    found: dict[str, dict[str, bytes]] = {}
    for path in filter(_is_of_library, sorted(files)):
        folder, _, name = path.rpartition("/")
        tables = found.setdefault(folder, {})
        if name != _LIBRARY_FILE:
            tables[name] = files[path]
    return found


def _is_of_library(path: str) -> bool:
    *_, kind, _, _, name = ("", "", "", *path.split("/"))
    return kind == "libraries" and (name == _LIBRARY_FILE or name.endswith(".csv"))


def _library(
    folder: str, tables: Mapping[str, bytes], files: Mapping[str, bytes], found: Diagnostics
) -> list[LibrarySource]:
    """The library in a folder; empty without a manifest that could be read."""
    document = _head(LibraryDocument, f"{folder}/{_LIBRARY_FILE}", files, found)
    if document is None:
        return []
    named = "/".join(folder.split("/")[-2:])
    if f"{document.id}/{document.version}" != named:
        place = document.mark.value("id")
        found.add("LIBRARY-FOLDER", place, id=document.id, version=document.version, folder=named)
    return [read_library(folder, document, tables, found)]


def _is_of_table(layer: LayerSource, path: str) -> bool:
    inner = path.removeprefix(layer.folder + "/")
    return inner.startswith("tables/") and inner.count("/") == 1 and inner.endswith(_TABLE_FILES)


def _tables(layer: LayerSource, files: Mapping[str, bytes], found: Diagnostics) -> list[TableSource]:
    """The decision tables of a layer with their rows; a file of rows that no table names is told."""
    within = (path for path in sorted(files) if path.startswith(f"{layer.folder}/"))
    own = [path for path in within if _is_of_table(layer, path)]
    tables: list[TableSource] = []
    named: set[str | None] = set()
    for path in own:
        if path.endswith(_TABLE_FILES[0]):
            for document in _one(TableDocument, path, files[path], found):
                named.add(document.file)
                tables.append(read_rows(path, document, files, found))
    for path in own:
        name = path.rpartition("/")[2]
        if not path.endswith(_TABLE_FILES[0]) and name not in named:
            found.add("DT-FILE-UNUSED", Source(path, 1, 1), name=name)
    return tables


def _take_other(layer: LayerSource, path: str, inner: str, content: bytes, found: Diagnostics) -> bool:
    if fnmatchcase(inner, "standards/*.csv") or fnmatchcase(inner, "standards/*.xlsx"):
        layer.standards.extend(read_standards(path, content, found))
    elif fnmatchcase(inner, "tests/*.yaml"):
        layer.tests.add(path, content)
    elif inner == _PRACTICES_FILE and layer.overlay is not None:
        layer.practices += _many(PracticeDocument, path, content, found)
    elif fnmatchcase(inner, "wordlists/*"):
        name = inner.removeprefix("wordlists/")
        if name == OPERATORS_FILE:
            layer.default_operators = read_default_operators(path, content, found)
            return True
        layer.wordlists[name] = content
        return check_wordlist(name, path, content, found)
    else:
        return _is_of_library(path)
    return True


def _head(kind: type[D], path: str, files: Mapping[str, bytes], found: Diagnostics) -> D | None:
    if path not in files:
        found.add("FILE-MISSING", Source(path, 1, 1), name=path)
        return None
    return next(iter(_one(kind, path, files[path], found)), None)


def _one(kind: type[D], path: str, content: bytes, found: Diagnostics) -> list[D]:
    """The one document of a file; empty if it could not be read."""
    node = _read(path, content, found)
    document = read_document(kind, node, path, found) if node is not None else None
    return [document] if document is not None else []


def _many(kind: type[D], path: str, content: bytes, found: Diagnostics) -> list[D]:
    """The documents of a file that holds a list of them."""
    node = _read(path, content, found)
    return read_documents(kind, node, path, found) if node is not None else []


def _read(path: str, content: bytes, found: Diagnostics) -> Node | None:
    node, diagnostics = _read_cached(path, content)
    found.extend(diagnostics)
    return node


# A reload finds most files unchanged, and parsing YAML is the slow part of it.
@lru_cache(maxsize=4096)
def _read_cached(path: str, content: bytes) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    found = Diagnostics(CATALOGUE)
    return read_yaml(path, content, found), tuple(found.found)
