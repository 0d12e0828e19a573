"""Records of YAML documents as rows: which key of a record a column shows, and how its edits are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rules_service.authoring.exchange_content import Content, Draft
from rules_service.authoring.exchange_kinds import CellError, Kind
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.yaml_words import Plain

__all__ = ["YamlPart", "assign", "found", "unblank"]


def found(node: Plain, path: Sequence[str]) -> Plain:
    """What stands below some keys, ``None`` if nothing does."""
    for key in path:
        if not isinstance(node, dict) or key not in node:
            return None
        node = node[key]
    return node


def unblank(cells: Mapping[str, Plain]) -> dict[str, Plain]:
    """The cells in which something stands."""
    return {name: value for name, value in cells.items() if value not in (None, "", [], {})}


def assign(node: dict[str, Any], path: Sequence[str], value: Plain, order: Sequence[str] = ()) -> None:
    """Put a value below some keys, or take it away if it is blank, with what is emptied thereby.

    A new key stands where ``order`` has it, else behind all others.
    """
    key, *rest = path
    if rest:
        inner = node.get(key)
        if not isinstance(inner, dict):
            inner = {}
        assign(inner, rest, value)
        value = inner
    if value in ("", [], {}, None):
        node.pop(key, None)
    elif key in node or key not in order:
        node[key] = value
    else:
        later = set(order[order.index(key) + 1 :])
        behind = {name: node.pop(name) for name in list(node) if name in later}
        node[key] = value
        node.update(behind)


class YamlPart:
    """A sheet whose rows are mappings in YAML files; ``paths`` lead from a row to the cells of its columns.

    Rows are neither added nor removed unless a subclass says how.
    """

    name: str
    columns: tuple[Column, ...]
    paths: ClassVar[Mapping[str, tuple[str, ...]]]
    order: tuple[str, ...] = ()
    """The order of the keys of a record."""
    may_add = False
    may_remove = False
    noted = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a record's key."""
        return tuple(column.name for column in self.columns if column.role is Role.KEY)

    @property
    def title(self) -> str:
        """What the sheet is called."""
        return told(f"sheet.{self.name}")

    @property
    def about(self) -> str:
        """What is in it, and where that stands."""
        return told(f"about.{self.name}")

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """The kind of a cell: that of its column."""
        del content, key
        return column.kind

    def cells(self, node: Plain) -> dict[str, Plain]:
        """The cells of a row that stand in the row itself."""
        return unblank({name: found(node, path) for name, path in self.paths.items()})

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change cells of a record."""
        node = draft.at(record.file, record.place)
        for name, value in changes.items():
            assign(node, self.paths[name], value, self.order)

    def made(self, cells: Mapping[str, Plain]) -> dict[str, Plain]:
        """A new record of these cells."""
        node: dict[str, Plain] = {}
        for name, path in self.paths.items():
            if name in cells:
                assign(node, path, cells[name])
        return node

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a record."""
        del draft, cells, after
        raise CellError("CELL-NO-ADDING", sheet=self.title)

    def remove(self, draft: Draft, record: Record) -> None:
        """Take a record away."""
        draft.remove(record.file, record.place)
