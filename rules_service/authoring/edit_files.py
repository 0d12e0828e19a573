"""Edits of ruleset files in YAML: only the lines concerned change, and what they then say is read again.

Documents are plain: texts, lists and mappings as they are written, without places. A file may have LF or
CRLF line ends; its other lines keep every byte.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rules_service.authoring.yaml_text import NoPlaceError, Path, Splice, YamlText, spliced
from rules_service.authoring.yaml_words import Plain, flow
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.nodes import Node, Scalar, without_mark
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE

__all__ = [
    "EditError",
    "add_dated_value",
    "add_entry",
    "document",
    "drop",
    "nodes",
    "plain",
    "remove_entry",
    "rewrite",
    "set_value",
]


class EditError(ValueError):
    """A file that cannot be edited; ``code`` is a diagnostic of this package, ``values`` are its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values


def document(path: str, content: bytes) -> Plain:
    """What a file says; raises ``EditError`` if the strict reader finds fault with it."""
    return plain(nodes(path, content))


def nodes(path: str, content: bytes) -> Node:
    """The same with the place of everything."""
    found = Diagnostics(CATALOGUE)
    node = read_yaml(path, content, found)
    if node is None or found.has_errors():
        problem = found.in_order()[0]
        raise EditError("EDIT-UNREADABLE", file=path, line=problem.line, problem=problem.zh)
    return node


def plain(node: Node) -> Plain:
    """What a node says."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, dict):
        return {key: plain(value) for key, value in without_mark(node).items()}
    assert isinstance(node, list)
    return [plain(item) for item in node]


def rewrite(path: str, content: bytes, new: Plain) -> bytes:
    """The file changed in as few places as needed so that it says ``new``; raises ``EditError``.

    What comes out is read again and compared.
    """
    document(path, content)
    text, crlf = _text(path, content)
    while True:
        yaml = YamlText(text)
        changes = list(_changes(yaml.plain(), new, ()))
        if not changes:
            break
        try:
            made = spliced(text, _round(yaml, changes))
        except NoPlaceError as error:
            raise EditError("EDIT-PLACE", file=path, place=_told(error.path)) from None
        if made == text:
            raise EditError("EDIT-DIFFERS", file=path)
        text = made
    written = (text.replace("\n", "\r\n") if crlf else text).encode()
    if document(path, written) != new:
        raise EditError("EDIT-DIFFERS", file=path)
    return written


def set_value(path: str, content: bytes, place: Path, value: Plain) -> bytes:
    """The file with another value at a place that has one."""
    made = copy.deepcopy(document(path, content))
    _holder(made, path, place)[place[-1]] = value
    return rewrite(path, content, made)


def add_entry(path: str, content: bytes, place: Path, value: Plain, *, key: str = "") -> bytes:
    """The file with one more entry in the mapping (under ``key``) or list at a place."""
    made = copy.deepcopy(document(path, content))
    holder = _holder(made, path, (*place, key))
    if isinstance(holder, list):
        holder.append(value)
    else:
        if key in holder:
            raise EditError("EDIT-EXISTS", file=path, place=_told((*place, key)))
        holder[key] = value
    return rewrite(path, content, made)


def remove_entry(path: str, content: bytes, place: Path) -> bytes:
    """The file without the entry at a place; an emptied list or mapping goes with its key."""
    made = copy.deepcopy(document(path, content))
    drop(made, path, place)
    return rewrite(path, content, made)


def drop(made: Plain, path: str, place: Path) -> None:
    """Take an entry out of a document, and what holds it too when nothing else is in that."""
    holder = _holder(made, path, place)
    if len(holder) > 1 or len(place) == 1:
        del holder[place[-1]]
    else:
        drop(made, path, place[:-1])


def add_dated_value(path: str, content: bytes, place: Path, day: str, value: Plain) -> bytes:
    """The file with one more date in the mapping of dates at a place, behind the date before it."""
    made = copy.deepcopy(document(path, content))
    holder = _holder(made, path, (*place, day))
    if day in holder:
        raise EditError("EDIT-EXISTS", file=path, place=_told((*place, day)))
    entries = sorted({**holder, day: value}.items())
    holder.clear()
    holder.update(entries)
    return rewrite(path, content, made)


@dataclass(frozen=True, slots=True)
class _Change:
    """One difference between what a file says and what it is to say."""

    place: Path
    old: Plain = None
    new: Plain = None
    form: str = "set"
    after: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it puts a text in place of a text: all of these can be made at once."""
        return self.form == "set" and isinstance(self.old, str) and isinstance(self.new, str)

    def splices(self, text: YamlText) -> list[Splice]:
        match self.form:
            case "add":
                return text.add_entry(self.place[:-1], str(self.place[-1]), self.new, self.after)
            case "insert":
                return text.insert(self.place[:-1], int(self.place[-1]), self.new)
            case "remove":
                return text.remove(self.place)
            case _ if self.is_text:
                return text.set_scalar(self.place, str(self.new))
            case _:
                return text.replace(self.place, self.new)


def _round(text: YamlText, changes: list[_Change]) -> list[Splice]:
    """The texts that change in place, all at once; when there are none, the first other change."""
    texts = [change for change in changes if change.is_text]
    return [splice for change in texts or changes[:1] for splice in change.splices(text)]


def _changes(old: Plain, new: Plain, place: Path) -> Iterator[_Change]:
    """What is different; numbers of list elements count as things stand before all changes."""
    if isinstance(old, dict) and isinstance(new, dict):
        before = ""
        for key, value in new.items():
            if key in old:
                yield from _changes(old[key], value, (*place, key))
            else:
                yield _Change((*place, key), new=value, form="add", after=before)
            before = key
        yield from (_Change((*place, key), form="remove") for key in old if key not in new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(old, new, place)
    elif old != new:
        yield _Change(place, old, new)


def _list_changes(old: list[Plain], new: list[Plain], place: Path) -> Iterator[_Change]:
    matcher = difflib.SequenceMatcher(None, list(map(flow, old)), list(map(flow, new)), autojunk=False)
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        both = min(last - first, end - begin)
        for step in range(both):
            yield from _changes(old[first + step], new[begin + step], (*place, first + step))
        for number in range(begin + both, end):
            yield _Change((*place, first + both), new=new[number], form="insert")
        for number in range(first + both, last):
            yield _Change((*place, number), form="remove")


def _text(path: str, content: bytes) -> tuple[str, bool]:
    """The text with LF line ends, and whether all of them were CRLF."""
    raw = content.decode("utf-8", "strict")
    lines = raw.count("\n")
    crlf = raw.count("\r\n")
    if raw.count("\r") != crlf or crlf not in {0, lines}:
        raise EditError("EDIT-LINE-ENDS", file=path)
    return raw.replace("\r\n", "\n"), bool(crlf)


def _holder(made: Plain, path: str, place: Path) -> Any:
    """The list or mapping that holds a place."""
    node: Any = made
    try:
        for step in place[:-1]:
            node = node[step]
    except (LookupError, TypeError):
        node = None
    if not isinstance(node, dict | list):
        raise EditError("EDIT-PLACE", file=path, place=_told(place))
    return node


def _told(place: Path) -> str:
    return ".".join(map(str, place))
