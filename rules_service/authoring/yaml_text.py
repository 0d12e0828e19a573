"""Where everything stands in the text of a YAML file, and how an edit of one place changes that text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from rules_service.authoring.yaml_words import Plain, flow, scalar

__all__ = ["NoPlaceError", "Path", "Splice", "YamlText", "spliced"]

Path: TypeAlias = tuple[str | int, ...]
"""Keys and numbers that lead to a value."""


class NoPlaceError(Exception):
    """An edit that is not possible at a place without writing more than its own lines anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path


class Splice(NamedTuple):
    """``text[start:end]`` becomes ``new``."""

    start: int
    end: int
    new: str


class YamlText:
    """A YAML text (line ends LF) that the strict reader has accepted.

    Its methods make the splices of one edit; other lines are not touched, comments stay. They
    raise ``NoPlaceError``.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node = YAML(typ="safe", pure=True).compose(text)

    def plain(self) -> Plain:
        """What the text says."""
        return _plain(self.root)

    def set_scalar(self, path: Path, new: str) -> list[Splice]:
        """Another text in place of a scalar, in its style where that can hold it."""
        node = self._node(path)
        style = node.style if isinstance(node, ScalarNode) else None
        return [self._over(node, scalar(new, style))]

    def replace(self, path: Path, new: Plain) -> list[Splice]:
        """A value of another shape in place of a scalar or of a list or mapping on one line."""
        node = self._node(path)
        if _is_block(node):
            raise NoPlaceError(path)
        return [self._over(node, flow(new))]

    def add_entry(self, path: Path, key: str, value: Plain, after: str) -> list[Splice]:
        """A new key of a mapping, behind the key ``after``, or before all others if that is blank."""
        node = self._collection(path)
        entry = f"{scalar(key)}: {flow(value)}"
        names = [name.value for name, _ in node.value]
        if after not in names:
            return [self._before(node, node.value[0][0] if names else None, entry)]
        last = node.value[names.index(after)][1]
        return [self._behind(node, last, entry)]

    def insert(self, path: Path, index: int, value: Plain) -> list[Splice]:
        """A new element of a list, at a place from 0 to the number of its elements."""
        node = self._collection(path)
        dash = "" if node.flow_style else "- "
        if index == 0:
            return [self._before(node, node.value[0] if node.value else None, dash + flow(value))]
        return [self._behind(node, node.value[index - 1], dash + flow(value))]

    def remove(self, path: Path) -> list[Splice]:
        """A mapping or list without one of its several entries."""
        node, last = self._collection(path[:-1]), path[-1]
        if isinstance(node, MappingNode):
            entries: list[tuple[Node, Node]] = node.value
            number = [name.value for name, _ in entries].index(last)
        else:
            entries = [(each, each) for each in node.value]
            number = int(last)
        if len(entries) < 2:
            raise NoPlaceError(path)
        if node.flow_style:
            return self._without(node, entries, number)
        begin = self._line_start(entries[number][0].start_mark.index)
        lead = self.text[begin : entries[number][0].start_mark.index].strip(" ")
        if lead not in {"", "-"} or (lead == "-") is isinstance(node, MappingNode):
            raise NoPlaceError(path)  # the first key behind a dash
        return [Splice(begin, min(self._line_end(self._end(entries[number][1])) + 1, len(self.text)), "")]

    def _node(self, path: Path) -> Node:
        node = self.root
        for step in path:
            if isinstance(node, MappingNode):
                node = next(value for name, value in node.value if name.value == step)
            else:
                node = node.value[int(step)]
        return node

    def _collection(self, path: Path) -> CollectionNode:
        node = self._node(path)
        assert isinstance(node, CollectionNode)
        return node

    def _over(self, node: Node, new: str) -> Splice:
        return Splice(node.start_mark.index, self._end(node), new)

    def _end(self, node: Node) -> int:
        """Behind the last character of a value; the library's own mark may lie behind comments."""
        end = int(node.end_mark.index)
        if isinstance(node, ScalarNode):
            if node.style in {"|", ">"}:
                return int(node.start_mark.index) + len(self.text[node.start_mark.index : end].rstrip())
            return end
        if not _is_block(node) or not node.value:
            return end
        last = node.value[-1]
        return self._end(last[1] if isinstance(node, MappingNode) else last)

    def _before(self, node: CollectionNode, first: Node | None, entry: str) -> Splice:
        """An entry in front of the first one, or alone in brackets."""
        if node.flow_style or first is None:
            place = node.start_mark.index + 1
            return Splice(place, place, entry if first is None else f"{entry}, ")
        begin = self._line_start(node.start_mark.index)
        if self.text[begin : node.start_mark.index].strip(" "):
            raise NoPlaceError((entry,))
        return Splice(begin, begin, f"{' ' * node.start_mark.column}{entry}\n")

    def _behind(self, node: CollectionNode, last: Node, entry: str) -> Splice:
        """An entry behind another one."""
        end = self._end(last)
        if node.flow_style:
            return Splice(end, end, f", {entry}")
        place = self._line_end(end)
        return Splice(place, place, f"\n{' ' * node.start_mark.column}{entry}")

    def _without(
        self, node: CollectionNode, entries: Sequence[tuple[Node, Node]], number: int
    ) -> list[Splice]:
        """Brackets without one entry and without the comma that belongs to it."""
        start, end = entries[number][0].start_mark.index, self._end(entries[number][1])
        is_last = number == len(entries) - 1
        stop = self._end(node) - 1 if is_last else entries[number + 1][0].start_mark.index
        comma = self._comma(end, stop)
        if comma >= 0 and not is_last:
            follows = self.text[comma + 1 : stop]
            return [Splice(start, stop if follows.isspace() and "\n" not in follows else comma + 1, "")]
        before = self._end(entries[number - 1][1])
        comma = self._comma(before, start)
        if not self.text[comma + 1 : start].strip(" "):
            return [Splice(comma, end, "")]
        return [Splice(comma, comma + 1, ""), Splice(start, end, "")]

    def _comma(self, start: int, stop: int) -> int:
        """The comma between two places, outside of comments; −1 for none."""
        place = start
        while place < stop:
            if self.text[place] == ",":
                return place
            place = self._line_end(place) if self.text[place] == "#" else place + 1
        return -1

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1

    def _line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end


def _is_block(node: Node) -> bool:
    return isinstance(node, CollectionNode) and not node.flow_style


def _plain(node: Node) -> Plain:
    if isinstance(node, MappingNode):
        return {str(name.value): _plain(value) for name, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    return str(node.value)


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all changes made; none overlaps another."""
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text
