"""Parameters as they stand in a region chain on a day: typed value, operator, proof and layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from rules_service.compile.codes import code_value, known_codes, parameter_words
from rules_service.compile.texts import words
from rules_service.compile.view import ParameterValue, Words
from rules_service.facts.text import normalise
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.overlay_documents import LocalDocument
from rules_service.model.parameter_documents import (
    Between,
    DatedValues,
    ParameterDocument,
    ParameterKind,
    ValueDocument,
)
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import DateSyntaxError, parse_date
from rules_service.values.outcomes import Proof, ValueSource
from rules_service.values.tables import DatedTable, TableDaySyntaxError, TablePoint, parse_table_day

__all__ = ["Dated", "Definition", "Parameters", "read_parameters"]


@dataclass(frozen=True, slots=True)
class Dated:
    """One value from a day on, as one layer gives it."""

    start: int
    value: Any
    text: str
    operator: str | None
    source: ValueSource
    proof: Proof
    document: str
    article: str
    note: Words | None
    place: Source


@dataclass(frozen=True, slots=True)
class Definition:
    """A parameter and the values that each layer gives it, in order of their days."""

    document: ParameterDocument
    region: str
    by_region: Mapping[str, tuple[Dated, ...]]

    def in_force(self, chain: Sequence[str], day: int) -> tuple[str, Dated] | None:
        """The value of the lowest layer that has one in force, with its region; later days are no concern."""
        for region in reversed(chain):
            for dated in reversed(self.by_region.get(region, ())):
                if dated.start <= day:
                    return region, dated
        return None

    def starts(self, chain: Iterable[str]) -> set[int]:
        """The days on which a value of one of these layers begins."""
        return {dated.start for region in chain for dated in self.by_region.get(region, ())}


class Parameters:
    """All parameters of a ruleset; ``words`` are those that limited ones may hold."""

    def __init__(self, definitions: Mapping[str, Definition], words: Mapping[str, frozenset[str]]) -> None:
        self.definitions = definitions
        self.words = words

    def visible(self, chain: Sequence[str]) -> dict[str, Definition]:
        """The parameters that are defined by a layer of the chain."""
        return {name: item for name, item in self.definitions.items() if item.region in chain}

    def starts(self, chain: Sequence[str]) -> set[int]:
        """The days on which some value of the chain begins."""
        found: set[int] = set()
        for definition in self.definitions.values():
            found |= definition.starts(chain)
        return found

    def at(self, chain: Sequence[str], day: int, locks: Mapping[str, str]) -> dict[str, ParameterValue]:
        """The values for a chain of active layers on a day; ``locks`` says which layer locks a parameter."""
        return {
            name: _value(definition, definition.in_force(chain, day), locks.get(name))
            for name, definition in self.visible(chain).items()
        }


def _value(definition: Definition, found: tuple[str, Dated] | None, locked_by: str | None) -> ParameterValue:
    document = definition.document
    region, dated = found if found is not None else (definition.region, None)
    return ParameterValue(
        id=document.id,
        title=words(document.title),
        kind=document.kind.kind,
        element=document.kind.element,
        value=dated.value if dated else None,
        text=dated.text if dated else "",
        operator=dated.operator if dated else _word(document.operator),
        unit=document.unit or "",
        layer=region,
        effective_from=dated.start if dated else None,
        source=dated.source if dated else ValueSource.EMPTY,
        proof=dated.proof if dated else None,
        document=dated.document if dated else "",
        article=dated.article if dated else "",
        note=dated.note if dated else (words(document.note) if document.note else None),
        stricter=_word(document.stricter),
        locked_by=locked_by,
    )


def _word(item: object) -> str | None:
    return str(item) if item is not None else None


def read_parameters(layers: Sequence[LayerSource], found: Diagnostics) -> Parameters:
    """Type every value; what is no value of its kind, or set without being defined, is reported."""
    allowed = parameter_words(layers)
    known = known_codes(document for layer in layers for document in layer.vocabularies)
    libraries = (library.document.id for layer in layers for library in layer.libraries)
    known = known.union(*allowed.values(), libraries)
    owners: dict[str, tuple[ParameterDocument, str]] = {}
    values: dict[str, dict[str, tuple[Dated, ...]]] = {}
    for layer in layers:
        for document in layer.parameters:
            if document.id in owners:
                first = owners[document.id][0].mark.source
                place = document.mark.value("id")
                found.add("ID-TWICE", place, id=document.id, file=first.file, line=first.line)
                continue
            owners[document.id] = (document, layer.region)
            if document.vocabulary is not None and not allowed[document.id]:
                found.add("PARAMETER-VOCABULARY", document.mark.value("vocabulary"), name=document.vocabulary)
            values[document.id] = {layer.region: _own_values(document, known, found)}
    for layer in layers:
        overlay = layer.overlay
        for entry in overlay.set if overlay is not None else ():
            owner = owners.get(entry.name.text)
            if owner is None:
                found.add("SET-UNKNOWN-PARAMETER", entry.name.source, id=entry.name.text)
            elif layer.region in values[entry.name.text]:
                found.add("SET-OWN-PARAMETER", entry.name.source, id=entry.name.text)
            else:
                local = {document.id: document for document in overlay.documents} if overlay else {}
                values[entry.name.text][layer.region] = _set_values(
                    owner[0], entry.value, local, known, found
                )
    _check_words(values, allowed, found)
    return Parameters(
        {name: Definition(document, region, values[name]) for name, (document, region) in owners.items()},
        allowed,
    )


def _check_words(
    values: Mapping[str, Mapping[str, tuple[Dated, ...]]],
    allowed: Mapping[str, frozenset[str]],
    found: Diagnostics,
) -> None:
    """A limited parameter holds no other word, in its own file and in overlays."""
    for name, known in allowed.items():
        for dated in [one for by_region in values[name].values() for one in by_region] if known else ():
            for word in dated.value if isinstance(dated.value, tuple) else (dated.value,):
                if word not in known:
                    near = get_close_matches(word, sorted(known), 3, 0.3) or sorted(known)
                    found.add("VALUE-WORD", dated.place, id=name, word=word, near="、".join(near))


def _own_values(parameter: ParameterDocument, known: frozenset[str], found: Diagnostics) -> tuple[Dated, ...]:
    """The values in a parameter's own file: its source and proof, where a value has none of its own."""
    dated = []
    for entry in parameter.values:
        item = entry.value
        read = _typed(parameter.kind, item, known, found)
        start = _start(entry.name.text, entry.name.source, found)
        if read is None or start is None:
            continue
        proof = item.proof or parameter.proof or Proof.ENGINEERING
        note = item.note or parameter.note
        dated.append(
            Dated(
                start=start,
                value=read[0],
                text=read[1],
                operator=_word(item.operator or parameter.operator),
                source=parameter.source,
                proof=proof,
                document=item.document or parameter.document or "",
                article=item.article or parameter.article or "",
                note=words(note) if note is not None else None,
                place=entry.name.source,
            )
        )
    return _in_order(dated, found)


def _set_values(
    parameter: ParameterDocument,
    values: DatedValues,
    local: Mapping[str, LocalDocument],
    known: frozenset[str],
    found: Diagnostics,
) -> tuple[Dated, ...]:
    """The values of an overlay: with a document they are sourced, without one engineering values."""
    dated = []
    for entry in values:
        item = entry.value
        read = _typed(parameter.kind, item, known, found)
        start = _start(entry.name.text, entry.name.source, found)
        if read is None or start is None:
            continue
        document = local.get(item.document or "")
        proof = item.proof or (document.proof if document is not None else None)
        if item.document is None and proof not in {None, Proof.ENGINEERING}:
            found.add("SET-PROOF-WITHOUT-DOCUMENT", entry.name.source, proof=proof)
        elif item.document is not None and document is None:
            found.add("UNKNOWN-DOCUMENT", item.mark.value("document"), document=item.document)
        elif item.document is not None and proof is Proof.ENGINEERING:
            found.add("SET-DOCUMENT-ENGINEERING", entry.name.source)
        dated.append(
            Dated(
                start=start,
                value=read[0],
                text=read[1],
                operator=_word(item.operator or parameter.operator),
                source=ValueSource.SOURCED if item.document is not None else ValueSource.ENGINEERING,
                proof=proof or Proof.ENGINEERING,
                document=_document_text(document) if document is not None else "",
                article=item.article or "",
                note=words(item.note) if item.note is not None else None,
                place=entry.name.source,
            )
        )
    return _in_order(dated, found)


def _document_text(document: LocalDocument) -> str:
    return f"{document.title} {document.number}" if document.number else document.title


def _start(text: str, place: Source, found: Diagnostics) -> int | None:
    try:
        if len(text) == len("2020-01-01"):
            return parse_date(text)
    except DateSyntaxError:
        pass
    found.add("VALUE-DATE", place, text=text[:40])
    return None


def _in_order(dated: list[Dated], found: Diagnostics) -> tuple[Dated, ...]:
    """Values by day; the file lists them in order, so that an author sees the last one last."""
    for before, after in pairwise(dated):
        if after.start <= before.start:
            found.add("VALUE-ORDER", after.place)
    return tuple(sorted(dated, key=lambda item: item.start))


def _typed(
    kind: ParameterKind, document: ValueDocument, known: frozenset[str], found: Diagnostics
) -> tuple[Any, str] | None:
    """The engine's value and its text; ``None`` after a diagnostic."""
    raw = document.value
    place = raw.items[0].source if raw.items else document.mark.source
    if raw.form != (kind.kind if kind.element else "") or (not raw.items and raw.form == "table"):
        found.add("VALUE-SHAPE", place, kind=kind)
        return None
    if (document.between is None) == (kind.kind == "table"):
        found.add("VALUE-BETWEEN", place, kind=kind)
        return None
    base = kind.element or kind.kind
    values: list[Any] = []
    for item in raw.items:
        try:
            values.append(_parsed(base, item.text, known))
        except LiteralError as error:
            found.add("VALUE-KIND", item.source, text=item.text[:40], kind=base, expected=error.expected)
            return None
    if kind.kind == "table":
        return _table(document, values, found)
    if kind.kind == "list":
        if len(set(values)) != len(values):
            found.add("VALUE-TWICE", place)
        return tuple(values), "、".join(item.text for item in raw.items)
    return values[0], raw.items[0].text


def _table(document: ValueDocument, values: list[int], found: Diagnostics) -> tuple[DatedTable, str] | None:
    """A table of days: they stand in order, so that an author sees the year run."""
    points = []
    for key, value in zip(document.value.keys, values, strict=True):
        try:
            points.append(TablePoint(*parse_table_day(key.text), value))
        except TableDaySyntaxError:
            found.add("VALUE-TABLE-DAY", key.source, text=key.text[:40])
            return None
    for place, (before, after) in zip(document.value.keys[1:], pairwise(points), strict=True):
        if after[:2] <= before[:2]:
            found.add("VALUE-TABLE-ORDER", place.source)
    pairs = zip(document.value.keys, document.value.items, strict=True)
    text = "、".join(f"{key.text}: {item.text}" for key, item in pairs)
    interpolated = document.between is Between.INTERPOLATE
    return DatedTable(interpolated, tuple(points)), f"{text}（{document.between}）"


def _parsed(kind: str, text: str, known: frozenset[str]) -> Any:
    value = parse_literal(kind, text)
    if kind == "text":
        return normalise(text)
    if kind == "code":
        return code_value(text, known)
    return value
