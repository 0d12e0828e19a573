"""Texts for people in the exchange workbook: those of checks, and those that all rules share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from rules_service.authoring.exchange_content import Content, Draft, Layer, line_of
from rules_service.authoring.exchange_kinds import CellError, Choice, Kind, Words
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.exchange_records import YamlPart
from rules_service.authoring.yaml_text import Path
from rules_service.authoring.yaml_words import Plain

__all__ = ["CheckTextPart", "SharedTextPart"]

_PARTS: Final = ("title", "message", "remedy", "name")
_BOTH: Final = {"zh": ("zh",), "en": ("en",)}


class CheckTextPart(YamlPart):
    """Titles, messages and remedies of checks, and the names of their values, each case on its own row."""

    name = "texts"
    columns = (
        Column("layer", role=Role.KEY),
        Column("rule", role=Role.KEY),
        Column("text_part", Choice({word: told(f"text_part.{word}") for word in _PARTS}), role=Role.KEY),
        Column("case", role=Role.KEY),
        Column("when", role=Role.INFO),
        Column("zh"),
        Column("en"),
    )
    paths: ClassVar = _BOTH

    def records(self, content: Content) -> list[Record]:
        """One row a text."""
        return [record for layer in content.layers for record in self._of_layer(content, layer)]

    def _of_layer(self, content: Content, layer: Layer) -> Iterator[Record]:
        for path, place, rule, check in _checks(content, layer):
            node = content.node(path)
            for part, case, inner, text in _texts(check):
                cells = {"layer": layer.name, "rule": rule, "text_part": part, "case": case}
                if "when" in text:
                    cells["when"] = text["when"]
                at = (*place, *inner)
                key = (layer.name, rule, part, case)
                yield Record(key, cells | self.cells(text), path, at, line_of(node, at))


def _checks(content: Content, layer: Layer) -> Iterator[tuple[str, Path, str, dict[str, Any]]]:
    """What holds texts of a rule: checks of the layer, and the texts that an overlay puts in their place."""
    for path in content.paths(layer, "checks/*.yaml"):
        checks: Any = content.plain(path)
        for number, check in enumerate(checks):
            yield path, (number,), str(check["id"]), check
    path = f"{layer.folder}/overlay.yaml"
    overlay: Any = content.plain(path) if path in content.files else {}
    for number, check in enumerate(overlay.get("add", ())):
        yield path, ("add", number), str(check["id"]), check
    for rule, texts in overlay.get("messages", {}).items():
        yield path, ("messages", rule), rule, texts


def _texts(check: Mapping[str, Any]) -> Iterator[tuple[str, str, Path, Mapping[str, Any]]]:
    """Each text of a check: what it is, its number or name, where it stands, and the text."""
    for part in _PARTS[:-1]:
        texts = check.get(part)
        if isinstance(texts, list):
            for number, text in enumerate(texts):
                yield part, str(number + 1), (part, number), text
        elif texts is not None:
            yield part, "", (part,), texts
    for name, text in check.get("names", {}).items():
        yield "name", name, ("names", name), text


class SharedTextPart(YamlPart):
    """The texts that all rules share, by key."""

    name = "shared"
    columns = (
        Column("layer", role=Role.KEY, needed=True),
        Column("file", role=Role.KEY, needed=True),
        Column("key", role=Role.KEY, needed=True),
        Column("zh", needed=True),
        Column("en", needed=True),
    )
    paths: ClassVar = _BOTH
    may_add = True
    may_remove = True

    def records(self, content: Content) -> list[Record]:
        """One row a text."""
        return [record for layer in content.layers for record in self._of_layer(content, layer)]

    def _of_layer(self, content: Content, layer: Layer) -> Iterator[Record]:
        for path in content.paths(layer, "messages/*.yaml"):
            plain: Any = content.plain(path)
            name = path.rpartition("/")[2].removesuffix(".yaml")
            for key, text in plain.get("messages", {}).items():
                place = ("messages", key)
                cells = {"layer": layer.name, "file": name, "key": key}
                line = line_of(content.node(path), place)
                yield Record((layer.name, name, key), cells | self.cells(text), path, place, line)

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """Layers are those that there are."""
        del key
        return Words([layer.name for layer in content.layers]) if column.name == "layer" else column.kind

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a text at the end of a file."""
        del after
        folder = next(each.folder for each in draft.content.layers if each.name == cells["layer"])
        path = f"{folder}/messages/{cells['file']}.yaml"
        if path not in draft.content.files:
            raise CellError("CELL-NO-FILE", file=path)
        draft.document(path)["messages"][str(cells["key"])] = self.made(cells)
