"""Decision tables in the exchange workbook: a sheet for each, rows from a file or from their document.

Nothing but all its cells tells a row apart, and their order may count: a new row stands behind the one above
it in the sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rules_service.authoring.exchange_content import Content, Draft, Layer, line_of
from rules_service.authoring.exchange_model import Column, Part, Record, told
from rules_service.authoring.exchange_records import YamlPart, unblank
from rules_service.authoring.exchange_tables import Family, TablePart
from rules_service.authoring.yaml_words import Plain
from rules_service.model.decision_table_documents import NOTE

__all__ = ["decision_parts"]

_REMARKS: Final = told(f"column.{NOTE}")


class _FilePart(TablePart):
    """A decision table whose rows stand in a CSV file."""

    def __init__(self, content: Content, path: str, document: Mapping[str, Any]) -> None:
        header = content.table(path).header
        super().__init__(content, path, Family("tables", "", header))
        self._document = document
        self.columns = _columns(document, header)

    @property
    def title(self) -> str:
        """What the sheet is called: by the table."""
        return _title(self._document, self.layer)

    @property
    def about(self) -> str:
        """What the table says, and how its rows are taken."""
        return _about(self._document, self.layer)

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a row behind another one."""
        self.insert(draft, cells, int(after.place[0]) if after is not None else -1)


class _InlinePart(YamlPart):
    """A decision table whose rows stand in its document."""

    may_add = True
    may_remove = True

    def __init__(self, layer: Layer, path: str, document: Mapping[str, Any]) -> None:
        self.name = f"rows:{path}"
        self._layer, self._path, self._document = layer, path, document
        every = [*document["inputs"], document["output"]]
        self.columns = _columns(document, [*(str(one["name"]) for one in every), NOTE])

    @property
    def keys(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(column.name for column in self.columns)

    @property
    def title(self) -> str:
        """What the sheet is called: by the table."""
        return _title(self._document, self._layer)

    @property
    def about(self) -> str:
        """What the table says, and how its rows are taken."""
        return _about(self._document, self._layer)

    def records(self, content: Content) -> list[Record]:
        """One row a row of the table."""
        plain: Any = content.plain(self._path) if self._path in content.files else {}
        seen: Counter[tuple[str, ...]] = Counter()
        made = []
        for number, row in enumerate(plain.get("rows", ())):
            key = tuple(str(row.get(name, "")) for name in self.keys)
            seen[key] += 1
            twice = (f"#{seen[key]}",) if seen[key] > 1 else ()
            place = ("rows", number)
            line = line_of(content.node(self._path), place)
            made.append(Record((*key, *twice), unblank(row), self._path, place, line))
        return made

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change cells of a row."""
        row = draft.at(record.file, record.place)
        cells = unblank({**row, **changes})
        row.clear()
        row.update(cells)

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a row behind another one."""
        place = int(after.place[1]) if after is not None else -1
        draft.insert(self._path, ("rows", place), dict(cells))


def decision_parts(content: Content) -> Iterator[Part]:
    """The decision tables of the layers that are looked at; those in workbooks are edited there."""
    for layer in content.layers:
        for path in content.paths(layer, "tables/*.yaml"):
            document: Any = content.plain(path)
            file = f"{path.rpartition('/')[0]}/{document.get('file', '')}"
            if file.endswith(".csv") and file in content.files:
                yield _FilePart(content, file, document)
            elif document.get("rows"):
                yield _InlinePart(layer, path, document)


def _columns(document: Mapping[str, Any], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns of a table as its rows name them, called by their Chinese titles."""
    every = [*document["inputs"], document["output"]]
    titles = {str(one["name"]): str(one["title"]["zh"]) for one in every} | {NOTE: _REMARKS}
    remarks = {NOTE, _REMARKS}
    return tuple(Column(name, needed=name not in remarks, header=titles.get(name, name)) for name in names)


def _title(document: Mapping[str, Any], layer: Layer) -> str:
    place = "" if layer.is_root else f"{layer.name.rpartition('/')[2]} "
    return place + told("csv.tables", name=document["title"]["zh"])


def _about(document: Mapping[str, Any], layer: Layer) -> str:
    return told("about.tables", layer=layer.name, hit=told(f"hit.{document.get('hit', 'unique')}"))
