"""Which sheets an exchange workbook has, and which files of the ruleset they stand on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rules_service.authoring.exchange_content import Content
from rules_service.authoring.exchange_decisions import decision_parts
from rules_service.authoring.exchange_messages import CheckTextPart, SharedTextPart
from rules_service.authoring.exchange_model import Part, Record
from rules_service.authoring.exchange_parameters import ParameterPart, ValuePart
from rules_service.authoring.exchange_scores import DimensionPart, ItemPart, SheetPart
from rules_service.authoring.exchange_tables import TablePart, table_parts
from rules_service.authoring.exchange_words import VocabularyPart, WordPart

__all__ = ["files_of", "own_file", "parts_of"]


def parts_of(content: Content, what: Collection[str]) -> list[Part]:
    """The sheets for some kinds of content, in the order of the workbook."""
    found: list[Part] = []
    if "parameters" in what:
        found += [ValuePart(), ParameterPart()]
    if "standards" in what:
        found += table_parts(content, "standards")
    if "wordlists" in what:
        found += [WordPart(), VocabularyPart(), *table_parts(content, "wordlists")]
    if "tables" in what:
        found += decision_parts(content)
    if "sheets" in what:
        found += [SheetPart(), DimensionPart(), ItemPart()]
    if "messages" in what:
        found += [CheckTextPart(), SharedTextPart()]
    if "libraries" in what:
        found += table_parts(content, "libraries")
    return found


def own_file(part: Part) -> tuple[str, ...]:
    """The one file of a sheet that is a table, with or without rows."""
    return (part.path,) if isinstance(part, TablePart) else ()


def files_of(content: Content, rows: Mapping[Part, Sequence[Record]]) -> dict[str, bytes]:
    """The files that the rows of these sheets are made from, and those that say what they mean."""
    named = {record.file for records in rows.values() for record in records}
    named.update(path for part in rows for path in own_file(part))
    if any("/tables/" in path for path in named):
        named.update(path for layer in content.layers for path in content.paths(layer, "tables/*.yaml"))
    for layer in content.every_layer:
        named |= {f"{layer.folder}/overlay.yaml", "ruleset.yaml"}
        if any(isinstance(part, ParameterPart) for part in rows):
            named.update(content.paths(layer, "parameters/*/*.yaml"))
            named.update(content.paths(layer, "vocabularies/*.yaml"))
    return {path: data for path, data in content.files.items() if path in named}
