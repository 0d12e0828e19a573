"""Parameters in the exchange workbook: one sheet of what they are, one of their values from each day on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Final

from rules_service.authoring.exchange_content import Content, Draft, Layer, line_of
from rules_service.authoring.exchange_kinds import FLAG, CellError, Choice, Day, Kind, Number, Words
from rules_service.authoring.exchange_lists import List, Table
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.exchange_records import YamlPart, assign, unblank
from rules_service.authoring.yaml_text import Path
from rules_service.authoring.yaml_words import Plain
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.parameter_documents import Between, Operator, ParameterDocument, ValueDocument
from rules_service.values.outcomes import Proof, ValueSource

__all__ = ["ParameterPart", "ValuePart"]

OPERATOR: Final = Choice({word.value: told(f"operator.{word.value}") for word in Operator})
PROOF: Final = Choice({word.value: told(f"proof.{word.value}") for word in Proof})
SOURCE: Final = Choice({word.value: told(f"source.{word.value}") for word in ValueSource})
BETWEEN: Final = Choice({word.value: told(f"between.{word.value}") for word in Between})

_FILES = "parameters/*/*.yaml"
_BOTH: Final = {"note_zh": ("note", "zh"), "note_en": ("note", "en")}
_SHARED: Final = (
    Column("operator", OPERATOR),
    Column("proof", PROOF),
    Column("document"),
    Column("article"),
    Column("note_zh"),
    Column("note_en"),
)


def _documents(content: Content, layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parameters of a layer by file."""
    for path in content.paths(layer, _FILES):
        plain = content.plain(path)
        if isinstance(plain, dict) and "id" in plain:
            yield path, plain


class ParameterPart(YamlPart):
    """What each parameter is: name, comparison, origin; its values have a sheet of their own."""

    name = "parameters"
    columns = (
        Column("layer", role=Role.KEY),
        Column("parameter", role=Role.KEY),
        Column("title_zh"),
        Column("title_en"),
        Column("kind", role=Role.INFO),
        Column("unit", role=Role.INFO),
        Column("source", SOURCE),
        *_SHARED,
    )
    paths: ClassVar = {
        "title_zh": ("title", "zh"),
        "title_en": ("title", "en"),
        "kind": ("kind",),
        "unit": ("unit",),
        "source": ("source",),
        "operator": ("operator",),
        "proof": ("proof",),
        "document": ("document",),
        "article": ("article",),
        **_BOTH,
    }
    order = tuple(ParameterDocument.model_fields)

    def records(self, content: Content) -> list[Record]:
        """One row a parameter."""
        return [
            Record(
                (layer.name, str(plain["id"])),
                {"layer": layer.name, "parameter": plain["id"], **self.cells(plain)},
                path,
                (),
                1,
            )
            for layer in content.layers
            for path, plain in _documents(content, layer)
        ]


class ValuePart(YamlPart):
    """The values of parameters from each day on, of all layers."""

    name = "values"
    columns = (
        Column("layer", role=Role.KEY, needed=True),
        Column("parameter", role=Role.KEY, needed=True),
        Column("title", role=Role.INFO),
        Column("kind", role=Role.INFO),
        Column("unit", role=Role.INFO),
        Column("usual_operator", OPERATOR, role=Role.INFO),
        Column("from", Day(), role=Role.KEY, needed=True),
        Column("value", needed=True),
        Column("between", BETWEEN),
        *_SHARED,
    )
    paths: ClassVar = {
        "value": ("value",),
        "between": ("between",),
        "operator": ("operator",),
        "proof": ("proof",),
        "document": ("document",),
        "article": ("article",),
        **_BOTH,
    }
    order = tuple(ValueDocument.model_fields)
    may_add = True
    may_remove = True
    noted = "value"

    def records(self, content: Content) -> list[Record]:
        """One row a value: those of parameter files, and those that overlays set."""
        known = _known(content)
        return [
            self._record(content, layer, (path, place), name, known.get(name, {}))
            for layer in content.layers
            for path, place, name in _dated(content, layer)
        ]

    def _record(
        self, content: Content, layer: Layer, at: tuple[str, Path], name: str, parameter: Mapping[str, Any]
    ) -> Record:
        path, place = at
        node: Any = content.plain(path)
        for step in place:
            node = node[step]
        day = str(place[-1])
        stated = self.cells(node) if _is_document(node) else {"value": node}
        info = {
            "title": parameter.get("title", {}).get("zh"),
            "kind": parameter.get("kind"),
            "unit": parameter.get("unit"),
            "usual_operator": parameter.get("operator"),
        }
        cells = {"layer": layer.name, "parameter": name, "from": day} | unblank(info) | stated
        return Record(
            (layer.name, name, day),
            cells,
            path,
            place,
            line_of(content.node(path), place),
            _note(cells, parameter),
        )

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """That of the parameter for its value."""
        if column.name == "layer":
            return Words([layer.name for layer in content.layers])
        if column.name != "value":
            return column.kind
        known = _known(content)
        if key[1] not in known:
            raise CellError("CELL-NO-PARAMETER", text=key[1][:40])
        return _kind(content, known[key[1]])

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change a value; one that is no more than itself becomes a mapping when more is said of it."""
        node = draft.at(record.file, record.place)
        if not _is_document(node):
            node = {"value": node}
        for name, value in changes.items():
            assign(node, self.paths[name], value, self.order)
        holder = draft.at(record.file, record.place[:-1])
        holder[record.place[-1]] = (
            node if len(node) > 1 or _is_document(holder[record.place[-1]]) else node["value"]
        )

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a value from a day on, in its place among the days."""
        del after
        layer = next(each for each in draft.content.layers if each.name == cells["layer"])
        name, day = str(cells["parameter"]), str(cells["from"])
        own = next((path for path, plain in _documents(draft.content, layer) if plain["id"] == name), None)
        made = self.made(cells)
        value: Plain = made
        if own is not None:
            days = draft.document(own)
            if "values" not in days:
                assign(days, ("values",), {day: ""}, ParameterPart.order)
            days = days["values"]
            if len(made) == 1 and not isinstance(made["value"], dict):
                value = made["value"]
        else:
            path = f"{layer.folder}/overlay.yaml"
            if path not in draft.content.files:
                raise CellError("CELL-NO-PARAMETER", text=name)
            document = draft.document(path)
            if "set" not in document:
                assign(document, ("set",), {name: {}}, tuple(OverlayDocument.model_fields))
            days = document["set"].setdefault(name, {})
        entries = sorted({**days, day: value}.items())
        days.clear()
        days.update(entries)


def _is_document(node: Plain) -> bool:
    return isinstance(node, dict)


@lru_cache(maxsize=8)
def _known(content: Content) -> dict[str, dict[str, Any]]:
    """All parameters of the ruleset by their ids."""
    return {
        str(plain["id"]): plain for layer in content.every_layer for _, plain in _documents(content, layer)
    }


def _dated(content: Content, layer: Layer) -> Iterator[tuple[str, Path, str]]:
    """The place of each dated value of a layer, with the parameter's id."""
    for path, plain in _documents(content, layer):
        for day in plain.get("values", {}):
            yield path, ("values", day), str(plain["id"])
    path = f"{layer.folder}/overlay.yaml"
    overlay = content.plain(path) if path in content.files else {}
    assert isinstance(overlay, dict)
    for name, days in overlay.get("set", {}).items():
        for day in days:
            yield path, ("set", name, day), name


def _kind(content: Content, parameter: Mapping[str, Any]) -> Kind:
    """How the value of a parameter is written."""
    kind, _, element = str(parameter.get("kind", "text")).rstrip(">").partition("<")
    unit = str(parameter.get("unit", ""))
    if kind == "list":
        return List(Words(_words(content, parameter)))
    if kind == "table":
        return Table(Number(element, unit))
    if kind == "date":
        return Day()
    if kind == "boolean":
        return FLAG
    if kind in {"text", "code"}:
        return Words(_words(content, parameter))
    return Number(kind, unit)


def _words(content: Content, parameter: Mapping[str, Any]) -> tuple[str, ...]:
    """The words that a limited parameter may hold, in the order of its file or vocabulary."""
    allowed = parameter.get("allowed", ())
    vocabulary = parameter.get("vocabulary")
    if allowed or not vocabulary:
        return tuple(map(str, allowed))
    return tuple(
        str(value["code"])
        for layer in content.every_layer
        for path in content.paths(layer, "vocabularies/*.yaml")
        for plain in [content.plain(path)]
        if isinstance(plain, dict) and plain.get("vocabulary") == vocabulary
        for value in plain.get("values", ())
    )


def _note(cells: Mapping[str, Plain], parameter: Mapping[str, Any]) -> str:
    """What stands beside a value: its kind and unit, what the comparison means, and the document."""
    operator = str(cells.get("operator", parameter.get("operator", "")))
    lines = [
        told("value_note.kind", kind=told(f"kind.{str(parameter.get('kind', 'text')).partition('<')[0]}")),
        told("value_note.unit", unit=parameter["unit"]) if parameter.get("unit") else "",
        told("value_note.operator", operator=told(f"operator_note.{operator}")) if operator else "",
        told("value_note.document", document=cells.get("document", parameter.get("document", "—"))),
    ]
    return "\n".join(filter(None, lines))
