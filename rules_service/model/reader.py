"""Strict reading of YAML: one document, no anchors, tags or duplicate keys; everything wrong at once.

Scalars keep their text (YAML 1.2, never turned into numbers or booleans) and their place.

A file is first read by libyaml, which is many times as fast. What it does not take, and whatever is to be
complained about, is read again by ruamel.yaml: it knows YAML 1.2, and its words for faults are the ones told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from rules_service.model.decoding import decode
from rules_service.model.diagnostics import DiagnosticCatalogue, Diagnostics, Source
from rules_service.model.nodes import MARK, Marks, Node, Scalar

try:
    from yaml import YAMLError as LibraryError
    from yaml.cyaml import CParser
except ImportError:  # PyYAML was built without libyaml: everything is read carefully
    CParser = None

__all__ = ["MAX_DEPTH", "carefully", "quickly", "read_yaml"]

MAX_DEPTH = 20
# Where the two parsers differ: tabs, lines of nothing but spaces, marks of documents, heads of block scalars.
_DISPUTED = re.compile(r"\t|^ +$|^(?:---|\.\.\.)|[|>][-+0-9]*#", re.MULTILINE)
# The events of both parsers are named alike.
_STARTS = frozenset({"MappingStartEvent", "SequenceStartEvent"})
_ENDS = frozenset({"MappingEndEvent", "SequenceEndEvent"})


def read_yaml(path: str, content: bytes, diagnostics: Diagnostics) -> Node | None:
    """The one document of a YAML file, or ``None`` when nothing usable is left of it.

    Faults go to ``diagnostics``; author input never raises.
    """
    text = decode(path, content, diagnostics)
    if text is None:
        return None
    found = quickly(path, text, diagnostics.catalogue) if CParser is not None else None
    return found if found is not None else carefully(path, text, diagnostics)


def quickly(path: str, text: str, catalogue: DiagnosticCatalogue) -> Node | None:
    """The document as libyaml reads it; ``None`` if there is anything to complain about."""
    if _DISPUTED.search(text):
        return None
    builder = _Builder(path, text.split("\n"), unsaid := Diagnostics(catalogue))
    parser = CParser(text)
    try:
        while parser.check_event():
            if not builder.take(parser.get_event()):
                return None
    except (LibraryError, ValueError):
        return None
    # a document that is a single scalar is none of ours, and the two differ in some
    return None if unsaid.found or isinstance(builder.root, Scalar) else builder.root


def carefully(path: str, text: str, diagnostics: Diagnostics) -> Node | None:
    """The document as ruamel.yaml reads it, with everything that is wrong."""
    builder = _Builder(path, text.split("\n"), diagnostics)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.take(event):
                return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        source = Source(path, line, column)
        if not diagnostics.any_at(source):
            diagnostics.add("FILE-YAML-SYNTAX", source, problem=error.problem or error.context)
        return None
    except (YAMLError, ValueError, OverflowError) as error:
        # e.g. an escape beyond Unicode: the parser raises without a place
        diagnostics.add("FILE-YAML-SYNTAX", Source(path, 1, 1), problem=str(error).splitlines()[0])
        return None
    if builder.root is None:
        diagnostics.add("FILE-EMPTY", Source(path, 1, 1))
    return builder.root


@dataclass(slots=True)
class _Frame:
    """A mapping or sequence that is being read."""

    node: dict[str, Node] | list[Node]
    marks: Marks | None
    key: str | None = None


class _Builder:
    """Builds nodes from parser events, with an explicit stack so that depth cannot exhaust ours."""

    def __init__(self, path: str, lines: list[str], diagnostics: Diagnostics) -> None:
        self.root: Node | None = None
        self._path = path
        self._lines = lines
        self._diagnostics = diagnostics
        self._stack: list[_Frame] = []
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Read one event of either parser; false when the rest of the file cannot be read."""
        kind = type(event).__name__
        if kind in _ENDS:
            self._stack.pop()
            return True
        source = Source(self._path, event.start_mark.line + 1, event.start_mark.column + 1)
        if kind == "ScalarEvent":
            self._scalar(event, source)
        elif kind in _STARTS:
            return self._open(event, source)
        elif kind == "DocumentStartEvent":
            return self._document(event, source)
        elif kind == "AliasEvent":
            self._diagnostics.add("FILE-ANCHOR", source, name=event.anchor)
            self._place(Scalar("", source), source)
        return True

    def _document(self, event: Any, source: Source) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._diagnostics.add("FILE-MANY-DOCUMENTS", source)
            return False
        if event.version is not None or event.tags:
            self._diagnostics.add("FILE-DIRECTIVE", source)
        return True

    def _properties(self, event: Any, source: Source) -> None:
        if event.anchor is not None:
            self._diagnostics.add("FILE-ANCHOR", source, name=event.anchor)
        if event.tag is not None:
            self._diagnostics.add("FILE-TAG", source, tag=event.tag)

    def _scalar(self, event: Any, source: Source) -> None:
        self._properties(event, source)
        text = event.value
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            self._diagnostics.add("FILE-CONTROL-CHARACTER", source, character="U+D800–U+DFFF")
            text = ""
        if event.style in {"'", '"'}:
            source = source._replace(column=source.column + 1)
        elif event.style in {"|", ">"}:
            source = self._block_start(source)
        elif text == "":
            source = self._key_source(source)
            self._diagnostics.add("FILE-EMPTY-VALUE", source)
        self._place(Scalar(text, source), source)

    def _key_source(self, source: Source) -> Source:
        """The place of the key whose value is read: an empty value has no place of its own."""
        frame = self._stack[-1] if self._stack else None
        if frame is None or frame.key is None or frame.marks is None:
            return source
        return frame.marks.keys.get(frame.key, source)

    def _block_start(self, source: Source) -> Source:
        """Where the text of a block scalar begins: its first line that is not blank."""
        for number in range(source.line, len(self._lines)):
            row = self._lines[number]
            if row.strip():
                return Source(self._path, number + 1, len(row) - len(row.lstrip(" ")) + 1)
        return source

    def _open(self, event: Any, source: Source) -> bool:
        self._properties(event, source)
        if len(self._stack) >= MAX_DEPTH:
            self._diagnostics.add("FILE-TOO-DEEP", source, limit=MAX_DEPTH)
            return False
        if type(event).__name__ == "MappingStartEvent":
            marks = Marks(source, {}, {})
            frame = _Frame({MARK: marks}, marks)
        else:
            frame = _Frame([], None)
        if not self._place(frame.node, source):
            return False
        self._stack.append(frame)
        return True

    def _place(self, node: Node, source: Source) -> bool:
        """Put a finished node where it belongs; false for a key that is no scalar."""
        if not self._stack:
            self.root = node
            return True
        frame = self._stack[-1]
        if isinstance(frame.node, list):
            frame.node.append(node)
            return True
        if frame.key is not None:
            assert frame.marks is not None
            # the value of a refused key is left out, so that it is not reported twice
            if frame.key not in frame.node and not frame.key.startswith(MARK):
                frame.node[frame.key] = node
                frame.marks.values[frame.key] = source
            frame.key = None
            return True
        return self._key(frame, node, source)

    def _key(self, frame: _Frame, node: Node, source: Source) -> bool:
        assert frame.marks is not None
        if not isinstance(node, Scalar):
            self._diagnostics.add("FILE-KEY-NOT-TEXT", source)
            return False
        frame.key = node.text
        if node.text.startswith(MARK):
            self._diagnostics.add("FILE-KEY-RESERVED", source, key=node.text)
        elif node.text in frame.marks.keys:
            first = frame.marks.keys[node.text].line
            self._diagnostics.add("FILE-DUPLICATE-KEY", source, key=node.text, line=first)
        else:
            frame.marks.keys[node.text] = source
        return True
