"""A ruleset as single things that can be compared: each check, value, word, row and test by its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rules_service.authoring.diff_tables import rows_of, test_entries, word_entries
from rules_service.authoring.plain import Plain, plain
from rules_service.compile.view import Words
from rules_service.model.decision_table_rows import TableSource
from rules_service.model.fields import Document
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.parameter_documents import ParameterDocument
from rules_service.model.ruleset import LayerSource, RulesetSource

__all__ = ["Item", "ItemKey", "items_of"]

ItemKey = tuple[str, str, str]
"""Kind, layer and id."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a ruleset: what it is (``kind``), its name, where it stands, and all that it says.

    ``layer`` is the region whose folder it stands in, empty for what belongs to the whole ruleset.
    """

    kind: str
    layer: str
    id: str
    file: str
    title: Words
    body: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def key(self) -> ItemKey:
        """What it is found by in another version."""
        return (self.kind, self.layer, self.id)


# Lists of a layer's documents: the kind of thing, and the field that is its id.
_DOCUMENTS: Final = (
    ("checks", "check", "id"),
    ("decisions", "decision", "id"),
    ("verdict_maps", "verdict_map", "id"),
    ("trees", "tree", "tree"),
    ("content_sets", "content_set", "content_set"),
    ("vocabularies", "vocabulary", "vocabulary"),
    ("calendars", "calendar", "calendar"),
    ("score_sheets", "score_sheet", "id"),
    ("practices", "practice", "says"),
)
# Parts of an overlay that are things of their own: the kind, and the field that is their id.
_LISTED: Final = (
    ("documents", "local_document", "id"),
    ("add", "check", "id"),
    ("off", "off", "rule"),
    ("left_open", "left_open", "what"),
)
_MAPPED: Final = (("severity", "level_override"), ("messages", "text_override"))
_SPLIT: Final = frozenset({"set", *(part for part, *_ in (*_LISTED, *_MAPPED))})


def items_of(source: RulesetSource, files: Collection[str]) -> dict[ItemKey, Item]:
    """Everything that stands in some files; of several with one name the later ones are numbered."""
    found: dict[ItemKey, Item] = {}
    seen: Counter[ItemKey] = Counter()
    for item in _all(source, files):
        if item.file not in files:
            continue
        seen[item.key] += 1
        count = seen[item.key]
        kept = item if count == 1 else replace(item, id=f"{item.id} #{count}")
        found[kept.key] = kept
    return found


def _all(source: RulesetSource, files: Collection[str]) -> Iterator[Item]:
    yield _item("ruleset", "", source.head.id, source.head)
    for region in source.regions:
        yield _item("region", "", region.code, region, region.name)
    for layer in source.layers:
        yield from _of_layer(layer)
        yield from _of_files(layer, {path: source.files[path] for path in files if path in source.files})


def _of_layer(layer: LayerSource) -> Iterator[Item]:
    for listed, kind, named in _DOCUMENTS:
        for document in getattr(layer, listed):
            yield _item(kind, layer.region, str(getattr(document, named)), document)
    for parameter in layer.parameters:
        yield from _parameter(layer, parameter)
    for document in layer.messages:
        for entry in document.messages:
            yield Item(
                "message",
                layer.region,
                entry.name.text,
                entry.name.source.file,
                Words(entry.name.text, entry.name.text),
                {"text": plain(entry.value)},
            )
    for table in layer.tables:
        yield from _table(layer.region, table)
    for library in layer.libraries:
        manifest = library.document
        yield _item("library", layer.region, f"{manifest.id} {manifest.version}", manifest)
    if layer.overlay is not None:
        yield from _overlay(layer.region, layer.overlay)


def _table(layer: str, table: TableSource) -> Iterator[Item]:
    """A decision table, and its rows by what they demand: where they stand is told by the file alone."""
    whole = _item("decision_table", layer, table.document.table, table.document)
    yield replace(whole, body={name: said for name, said in whole.body.items() if name != "rows"})
    for row in table.rows:
        name = f"{table.document.table} {' | '.join(cell.text for cell in row.written[:-1])}"
        body: dict[str, Plain] = {"output": row.written[-1].text}
        if row.note:
            body["note"] = row.note
        yield Item("decision_row", layer, name, row.source.file, Words(name, name), body)


def _parameter(layer: LayerSource, parameter: ParameterDocument) -> Iterator[Item]:
    whole = _item("parameter", layer.region, parameter.id, parameter)
    yield replace(whole, body={name: said for name, said in whole.body.items() if name != "values"})
    for entry in parameter.values:
        yield _value(layer.region, parameter.id, entry.name.text, entry.value, whole.file)


def _value(layer: str, parameter: str, day: str, value: Document, file: str) -> Item:
    return replace(_item("value", layer, f"{parameter} {day}", value), file=file)


def _overlay(layer: str, overlay: OverlayDocument) -> Iterator[Item]:
    whole = _item("overlay", layer, layer, overlay)
    yield replace(whole, body={name: said for name, said in whole.body.items() if name not in _SPLIT})
    for entry in overlay.set:
        for dated in entry.value:
            yield _value(layer, entry.name.text, dated.name.text, dated.value, whole.file)
    for part, kind, named in _LISTED:
        for document in getattr(overlay, part):
            name = plain(getattr(document, named))
            text = name["zh"] if isinstance(name, dict) else name
            yield replace(_item(kind, layer, str(text), document), file=whole.file)
    for part, kind in _MAPPED:
        for entry in getattr(overlay, part):
            yield replace(_item(kind, layer, entry.name.text, entry.value), file=whole.file)


def _item(kind: str, layer: str, name: str, document: Document, title: object = None) -> Item:
    body = plain(document)
    assert isinstance(body, dict)
    said = plain(title) if title is not None else body.get("title")
    words = Words(said["zh"], said["en"]) if isinstance(said, dict) else Words(name, name)
    return Item(kind, layer, name, document.mark.source.file, words, body)


def _of_files(layer: LayerSource, files: Mapping[str, bytes]) -> Iterator[Item]:
    """What stands in tables, word lists and tests, row by row."""
    entries: Iterable[tuple[str, str, str, Mapping[str, Plain]]]
    inside = sorted(path for path in files if _folder(path, layer))
    for path in inside:
        inner = path.removeprefix(layer.folder + "/")
        entries = (*rows_of(inner, path, files[path]), *word_entries(inner, path, files[path]))
        for kind, name, shown, body in entries:
            yield Item(kind, layer.region, name, path, Words(shown, shown), body)
    for path in layer.tests.keys() & files.keys():
        for kind, name, body in test_entries(path.rpartition("/")[2], layer.tests[path]):
            yield Item(kind, layer.region, name, path, Words(name, name), body)


def _folder(path: str, layer: LayerSource) -> bool:
    """Whether a table or word list is the layer's own: layers may stand in folders of one another."""
    if not path.startswith(layer.folder + "/"):
        return False
    return path.removeprefix(layer.folder + "/").startswith(("wordlists/", "standards/", "libraries/"))
