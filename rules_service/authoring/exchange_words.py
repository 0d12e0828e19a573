"""Word lists and vocabularies in YAML in the exchange workbook: one row a word or code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from rules_service.authoring.exchange_content import Content, Draft, Layer, line_of
from rules_service.authoring.exchange_kinds import CellError, Choice, Kind, Number, Words
from rules_service.authoring.exchange_lists import List
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.exchange_records import YamlPart
from rules_service.authoring.yaml_words import Plain
from rules_service.model.vocabulary_documents import VocabularyValueDocument

__all__ = ["VocabularyPart", "WordPart"]

# The key of a word list under which its words stand, and of a word that says more, that of the word itself.
_LISTS: Final[Mapping[str, str]] = {"texts": "", "patterns": "", "terms": "term", "phrases": "phrase"}


class WordPart(YamlPart):
    """The words of all word lists that are YAML."""

    name = "words"
    columns = (
        Column("layer", role=Role.KEY, needed=True),
        Column("wordlist", role=Role.KEY, needed=True),
        Column("wordlist_title", role=Role.INFO),
        Column("word", role=Role.KEY, needed=True),
        Column("followed_by", List()),
        Column("phrase_kind", Choice({word: told(f"phrase_kind.{word}") for word in ("phrase", "rate")})),
    )
    paths: ClassVar = {"followed_by": ("followed_by",), "phrase_kind": ("kind",)}
    may_add = True
    may_remove = True

    def records(self, content: Content) -> list[Record]:
        """One row a word."""
        return [record for layer in content.layers for record in self._of_layer(content, layer)]

    def _of_layer(self, content: Content, layer: Layer) -> Iterator[Record]:
        for path in content.paths(layer, "wordlists/*.yaml"):
            plain, node = content.plain(path), content.node(path)
            assert isinstance(plain, dict)
            name = _stem(path)
            held = next((key for key in _LISTS if key in plain), None)
            seen: dict[str, int] = {}
            for number, item in enumerate(plain[held] if held is not None else ()):
                assert held is not None
                word = str(item[_LISTS[held]] if isinstance(item, dict) else item)
                seen[word] = seen.get(word, 0) + 1
                cells = {
                    "layer": layer.name,
                    "wordlist": name,
                    "wordlist_title": plain.get("title", {}).get("zh", ""),
                    "word": word,
                    **self.cells(item),
                }
                key = (layer.name, name, word, *([f"#{seen[word]}"] if seen[word] > 1 else []))
                place = (held, number)
                yield Record(key, cells, path, place, line_of(node, place))

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """Layers and word lists are those that there are."""
        del key
        if column.name == "layer":
            return Words([layer.name for layer in content.layers])
        if column.name == "wordlist":
            paths = (path for layer in content.layers for path in content.paths(layer, "wordlists/*.yaml"))
            return Words(tuple(dict.fromkeys(map(_stem, paths))))
        return column.kind

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change what is said of a word; most lists hold words only."""
        if not isinstance(draft.at(record.file, record.place), dict):
            raise CellError("CELL-NOT-HERE", sheet=self.title)
        super().put(draft, record, changes)

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a word at the end of its list."""
        del after
        path = _file(draft.content, cells["layer"], f"wordlists/{cells['wordlist']}.yaml")
        document = draft.document(path)
        held = next(key for key in _LISTS if key in document)
        made = self.made(cells)
        if not _LISTS[held]:
            if made:
                raise CellError("CELL-NOT-HERE", sheet=self.title)
            document[held].append(cells["word"])
        else:
            document[held].append({_LISTS[held]: cells["word"], **made})


class VocabularyPart(YamlPart):
    """The codes of all vocabularies, with other spellings of them."""

    name = "vocabularies"
    columns = (
        Column("layer", role=Role.KEY, needed=True),
        Column("vocabulary", role=Role.KEY, needed=True),
        Column("title", role=Role.INFO),
        Column("code", role=Role.KEY, needed=True),
        Column("zh", needed=True),
        Column("en", needed=True),
        Column("aliases", List()),
        Column("step", Number("count")),
    )
    paths: ClassVar = {name: (name,) for name in ("code", "zh", "en", "aliases", "step")}
    order = tuple(VocabularyValueDocument.model_fields)
    may_add = True
    may_remove = True

    def records(self, content: Content) -> list[Record]:
        """One row a code."""
        return [record for layer in content.layers for record in self._of_layer(content, layer)]

    def _of_layer(self, content: Content, layer: Layer) -> Iterator[Record]:
        for path, plain in _vocabularies(content, layer):
            title = plain.get("title", {}).get("zh", "")
            for number, value in enumerate(plain["values"]):
                place = ("values", number)
                cells = {"layer": layer.name, "vocabulary": plain["vocabulary"], "title": title}
                key = (layer.name, str(plain["vocabulary"]), str(value["code"]))
                line = line_of(content.node(path), place)
                yield Record(key, cells | self.cells(value), path, place, line)

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """Layers and vocabularies are those that there are."""
        del key
        if column.name == "layer":
            return Words([layer.name for layer in content.layers])
        if column.name == "vocabulary":
            known = (plain for layer in content.layers for _, plain in _vocabularies(content, layer))
            return Words(tuple(dict.fromkeys(str(plain["vocabulary"]) for plain in known)))
        return column.kind

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a code at the end of its vocabulary."""
        del after
        layer = next(each for each in draft.content.layers if each.name == cells["layer"])
        for path, plain in _vocabularies(draft.content, layer):
            if plain["vocabulary"] == cells["vocabulary"]:
                draft.document(path)["values"].append(self.made(cells))
                return
        raise CellError("CELL-NO-FILE", file=f"vocabularies/{cells['vocabulary']}.yaml")


def _vocabularies(content: Content, layer: Layer) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in content.paths(layer, "vocabularies/*.yaml"):
        plain = content.plain(path)
        if isinstance(plain, dict) and isinstance(plain.get("values"), list):
            yield path, plain


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".yaml")


def _file(content: Content, layer: Plain, inner: str) -> str:
    folder = next(each.folder for each in content.layers if each.name == layer)
    path = f"{folder}/{inner}"
    if path not in content.files:
        raise CellError("CELL-NO-FILE", file=path)
    return path
