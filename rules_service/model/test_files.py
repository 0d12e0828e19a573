"""The files of rule tests: read only when somebody asks for them, since no answer needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from rules_service.model.diagnostics import Diagnostic, Diagnostics
from rules_service.model.nodes import Node
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE

__all__ = ["TestFiles"]


@lru_cache(maxsize=1024)
def _read(path: str, content: bytes) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    found = Diagnostics(CATALOGUE)
    return read_yaml(path, content, found), tuple(found.found)


class TestFiles(Mapping[str, Node]):
    """Rule tests of a layer by path; a file that cannot be read holds an empty list."""

    __slots__ = ("_contents",)

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def add(self, path: str, content: bytes) -> None:
        """Take a file in."""
        self._contents[path] = content

    def faults(self) -> Iterator[Diagnostic]:
        """What reading the files finds."""
        for path, content in self._contents.items():
            yield from _read(path, content)[1]

    def __getitem__(self, path: str) -> Node:
        node = _read(path, self._contents[path])[0]
        return [] if node is None else node

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents)

    def __len__(self) -> int:
        return len(self._contents)
