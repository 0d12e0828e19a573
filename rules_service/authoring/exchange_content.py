"""The files of a ruleset as the exchange workbook sees them, and a draft of them that takes its edits."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from rules_service.authoring.csv_edit import CsvTable
from rules_service.authoring.edit_files import drop, nodes, plain, rewrite
from rules_service.authoring.yaml_text import Path
from rules_service.authoring.yaml_words import Plain
from rules_service.model.nodes import MARK, Marks, Node, Scalar
from rules_service.model.ruleset import ROOT_FOLDER

__all__ = ["Content", "Draft", "Layer", "line_of"]

_OVERLAYS = "overlays/"
_OVERLAY_FILE = "/overlay.yaml"


class Layer(NamedTuple):
    """A folder of the ruleset with its rules of one region; ``name`` is what the workbook calls it."""

    folder: str
    name: str
    region: str

    @property
    def is_root(self) -> bool:
        """Whether all others build on it."""
        return self.folder == ROOT_FOLDER


@dataclass(frozen=True, eq=False)
class Content:
    """The files of a ruleset by path; ``folders`` are the layers that are looked at, all if empty."""

    files: Mapping[str, bytes]
    folders: tuple[str, ...] = ()

    @cached_property
    def every_layer(self) -> tuple[Layer, ...]:
        """All layers, the root one first."""
        head = self.plain("ruleset.yaml") if "ruleset.yaml" in self.files else {}
        root = str(head.get("root", ROOT_FOLDER)) if isinstance(head, dict) else ROOT_FOLDER
        found = [Layer(ROOT_FOLDER, root, root)]
        for path in sorted(self.files):
            if path.startswith(_OVERLAYS) and path.endswith(_OVERLAY_FILE):
                folder = path.removesuffix(_OVERLAY_FILE)
                overlay = self.plain(path)
                region = str(overlay.get("region", "")) if isinstance(overlay, dict) else ""
                found.append(Layer(folder, folder.removeprefix(_OVERLAYS), region))
        return tuple(found)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers that are looked at."""
        return tuple(layer for layer in self.every_layer if not self.folders or layer.folder in self.folders)

    @cached_property
    def _found(self) -> dict[tuple[str, str], list[str]]:
        """The files of each layer and pattern that were asked for."""
        return {}

    def paths(self, layer: Layer, pattern: str) -> list[str]:
        """The files of a layer whose path below its folder fits a pattern, in order."""
        asked = (layer.folder, pattern)
        if asked not in self._found:
            depth = layer.folder.count("/") + pattern.count("/") + 1
            full = f"{layer.folder}/{pattern}"
            fitting = (path for path in sorted(self.files) if fnmatchcase(path, full))
            self._found[asked] = [path for path in fitting if path.count("/") == depth]
        return self._found[asked]

    def plain(self, path: str) -> Plain:
        """What a YAML file says; raises ``EditError``."""
        return _read(path, self.files[path])[0]

    def node(self, path: str) -> Node:
        """The same with the places of everything."""
        return _read(path, self.files[path])[1]

    def table(self, path: str) -> CsvTable:
        """A CSV file."""
        return _table(path, self.files[path])


# Three states of a ruleset are compared, most of whose files are the same.
@lru_cache(maxsize=2048)
def _read(path: str, content: bytes) -> tuple[Plain, Node]:
    node = nodes(path, content)
    return plain(node), node


@lru_cache(maxsize=64)
def _table(path: str, content: bytes) -> CsvTable:
    return CsvTable(path, content)


def line_of(node: Node, place: Path) -> int:
    """The line on which what ``place`` leads to begins, its key with it."""
    line = 1
    for step in place:
        assert isinstance(node, dict | list)
        if isinstance(node, dict):
            marks = node[MARK]
            assert isinstance(marks, Marks)
            line, node = marks.key(str(step)).line, node[str(step)]
        else:
            node = node[int(step)]
            line = _first_line(node, line)
    return line


def _first_line(node: Node, line: int) -> int:
    if isinstance(node, Scalar):
        return node.source.line
    marks = node.get(MARK) if isinstance(node, dict) else None
    return marks.source.line if isinstance(marks, Marks) else line


@dataclass(slots=True)
class _TableDraft:
    cells: dict[int, dict[str, str]] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    added: list[tuple[int, dict[str, str]]] = field(default_factory=list)


class Draft:
    """Edits of a content, made on its documents and written into its files in the end."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._documents: dict[str, Any] = {}
        self._tables: dict[str, _TableDraft] = {}
        self._removed: list[tuple[str, Path]] = []
        self._inserted: list[tuple[str, Path, Plain]] = []

    def document(self, path: str) -> Any:
        """What a YAML file says, to be changed in place."""
        if path not in self._documents:
            self._documents[path] = copy.deepcopy(self.content.plain(path))
        return self._documents[path]

    def at(self, path: str, place: Path) -> Any:
        """A part of a document, to be changed in place."""
        node = self.document(path)
        for step in place:
            node = node[step]
        return node

    def remove(self, path: str, place: Path) -> None:
        """Take an entry out of a YAML file in the end, when no place can move any more."""
        self.document(path)
        self._removed.append((path, place))

    def insert(self, path: str, place: Path, value: Plain) -> None:
        """Put an element behind another one of a list (−1: in front of all) in the end."""
        self.document(path)
        self._inserted.append((path, place, value))

    def table(self, path: str) -> _TableDraft:
        """The changes of a CSV file."""
        return self._tables.setdefault(path, _TableDraft())

    def changed(self) -> dict[str, bytes]:
        """The files that are other now; raises ``EditError`` where that cannot be written."""
        self._insert()
        for path, place in sorted(self._removed, key=lambda item: _order(item[1]), reverse=True):
            drop(self._documents[path], path, place)
        self._removed.clear()
        files = self.content.files
        made = {path: rewrite(path, files[path], new) for path, new in self._documents.items()}
        for path, table in self._tables.items():
            made[path] = self.content.table(path).changed(table.cells, table.removed, table.added)
        return {path: content for path, content in made.items() if content != files[path]}

    def _insert(self) -> None:
        """Make the insertions, the last places first; what is removed afterwards moves with them."""
        numbered = enumerate(self._inserted)  # those behind one element keep their order
        for _, (path, place, value) in sorted(
            numbered, key=lambda item: (_order(item[1][1]), item[0]), reverse=True
        ):
            *holder, number = place
            assert isinstance(number, int)
            self.at(path, tuple(holder)).insert(number + 1, value)
            self._removed = [
                (file, _moved(gone, place) if file == path else gone) for file, gone in self._removed
            ]
        self._inserted.clear()


def _moved(place: Path, inserted: Path) -> Path:
    """A place after an element was put behind another one of the same list."""
    depth = len(inserted) - 1
    step = place[depth] if len(place) > depth and place[:depth] == inserted[:depth] else None
    if isinstance(step, int) and step > int(inserted[depth]):
        return (*place[:depth], step + 1, *place[depth + 1 :])
    return place


def _order(place: Path) -> list[tuple[int, str]]:
    """Numbers before texts, each in its own order."""
    return [(step, "") if isinstance(step, int) else (-1, step) for step in place]
