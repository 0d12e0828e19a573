"""Score sheets in the exchange workbook: their heads, their dimensions, and their items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from rules_service.authoring.exchange_content import Content, Draft, Layer, line_of
from rules_service.authoring.exchange_kinds import FLAG, CellError, Day, Kind, Number, Words
from rules_service.authoring.exchange_lists import List
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.exchange_records import YamlPart
from rules_service.authoring.yaml_text import Path
from rules_service.authoring.yaml_words import Plain
from rules_service.model.sheet_documents import (
    ADJUSTMENTS,
    DimensionDocument,
    ScoredItemDocument,
    SheetDocument,
)

__all__ = ["DimensionPart", "ItemPart", "SheetPart"]

_TITLE: Final = {"title_zh": ("title", "zh"), "title_en": ("title", "en")}
_SCORE: Final = Number("score")


class SheetPart(YamlPart):
    """The heads of score sheets."""

    name = "score_sheets"
    columns = (
        Column("layer", role=Role.KEY),
        Column("sheet", role=Role.KEY),
        Column("title_zh"),
        Column("title_en"),
        Column("total", _SCORE),
        Column("pass_mark", role=Role.INFO),
        Column("template", FLAG),
        Column("items_expected", role=Role.INFO),
        Column("effective_from", Day()),
        Column("effective_to", Day()),
    )
    paths: ClassVar = {
        **_TITLE,
        **{name: (name,) for name in ("total", "template", "items_expected")},
        **{name: (name,) for name in ("effective_from", "effective_to")},
    }
    order = tuple(SheetDocument.model_fields)

    def records(self, content: Content) -> list[Record]:
        """One row a sheet."""
        return [
            Record(
                (layer.name, str(plain["id"])),
                {"layer": layer.name, "sheet": plain["id"], **_pass_mark(plain), **self.cells(plain)},
                path,
                (),
                1,
            )
            for layer in content.layers
            for path, plain in _sheets(content, layer)
        ]


class DimensionPart(YamlPart):
    """The dimensions of score sheets."""

    name = "dimensions"
    columns = (
        Column("layer", role=Role.KEY),
        Column("sheet", role=Role.KEY),
        Column("code", role=Role.KEY),
        Column("title_zh"),
        Column("title_en"),
        Column("max", _SCORE),
    )
    paths: ClassVar = {**_TITLE, "max": ("max",)}
    order = tuple(DimensionDocument.model_fields)

    def records(self, content: Content) -> list[Record]:
        """One row a dimension."""
        return [
            Record(
                (layer.name, str(plain["id"]), str(node["code"])),
                {"layer": layer.name, "sheet": plain["id"], "code": node["code"], **self.cells(node)},
                path,
                ("dimensions", number),
                line_of(content.node(path), ("dimensions", number)),
            )
            for layer in content.layers
            for path, plain in _sheets(content, layer)
            for number, node in enumerate(plain["dimensions"])
        ]


class ItemPart(YamlPart):
    """The items of score sheets: those of dimensions, and bonus, penalty and veto."""

    name = "items"
    columns = (
        Column("layer", role=Role.KEY, needed=True),
        Column("sheet", role=Role.KEY, needed=True),
        Column("group", role=Role.KEY, needed=True),
        Column("code", role=Role.KEY, needed=True),
        Column("title_zh", needed=True),
        Column("title_en", like="title_zh"),
        Column("max", _SCORE),
        Column("criterion_zh"),
        Column("criterion_en", like="criterion_zh"),
        Column("scorers", List()),
        Column("evidence", List()),
        Column("mode", role=Role.INFO),
    )
    paths: ClassVar = {
        "code": ("code",),
        **_TITLE,
        "max": ("max",),
        "criterion_zh": ("criterion", "zh"),
        "criterion_en": ("criterion", "en"),
        "scorers": ("scorers",),
        "evidence": ("evidence",),
    }
    order = tuple(ScoredItemDocument.model_fields)
    may_add = True
    may_remove = True

    def records(self, content: Content) -> list[Record]:
        """One row an item."""
        return [record for layer in content.layers for record in self._of_layer(content, layer)]

    def _of_layer(self, content: Content, layer: Layer) -> Iterator[Record]:
        for path, plain in _sheets(content, layer):
            for group, place, items in _groups(plain):
                for number, item in enumerate(items):
                    key = (layer.name, str(plain["id"]), group, str(item["code"]))
                    mode = told("mode.automatic" if "automatic" in item else "mode.people")
                    cells = {"layer": key[0], "sheet": key[1], "group": group, "mode": mode}
                    at = (*place, number)
                    line = line_of(content.node(path), at)
                    yield Record(key, cells | self.cells(item), path, at, line)

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """Layers are those that there are."""
        del key
        return Words([layer.name for layer in content.layers]) if column.name == "layer" else column.kind

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add an item at the end of its dimension or list."""
        del after
        layer = next(each for each in draft.content.layers if each.name == cells["layer"])
        for path, plain in _sheets(draft.content, layer):
            if plain["id"] != cells["sheet"]:
                continue
            document, group = draft.document(path), cells["group"]
            words = {told(f"group.{name}"): name for name in ADJUSTMENTS}
            if group in words:
                document.setdefault(words[str(group)], []).append(self.made(cells))
                return
            for dimension in document["dimensions"]:
                if dimension["code"] == group:
                    dimension.setdefault("items", []).append(self.made(cells))
                    return
            known = "、".join([*(str(each["code"]) for each in plain["dimensions"]), *words])
            raise CellError("CELL-CHOICE", text=str(group)[:40], allowed=known)
        raise CellError("CELL-NO-SHEET", text=str(cells["sheet"])[:40])


def _sheets(content: Content, layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in content.paths(layer, "scoresheets/*.yaml"):
        plain = content.plain(path)
        if isinstance(plain, dict) and "id" in plain and isinstance(plain.get("dimensions"), list):
            yield path, plain


def _groups(sheet: Mapping[str, Any]) -> Iterator[tuple[str, Path, list[dict[str, Any]]]]:
    """The lists of items of a sheet, with what the workbook calls them."""
    for number, dimension in enumerate(sheet["dimensions"]):
        yield str(dimension["code"]), ("dimensions", number, "items"), dimension.get("items", [])
    for name in ADJUSTMENTS:
        yield told(f"group.{name}"), (name,), sheet.get(name, [])


def _pass_mark(sheet: Mapping[str, Any]) -> dict[str, Plain]:
    """The parameters that hold the pass mark."""
    mark = sheet.get("pass_mark")
    if isinstance(mark, dict):
        rounds = mark.get("by_round", {})
        mark = "、".join(f"{name}：{parameter}" for name, parameter in rounds.items()) or mark.get("param")
    return {} if mark is None else {"pass_mark": mark}
