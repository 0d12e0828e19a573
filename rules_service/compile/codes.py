"""Codes of the engine's own enumerations, and the vocabularies that code facts are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from rules_service.facts.fields import MESSAGES, enum_words
from rules_service.facts.text import normalise
from rules_service.model.catalogue import Catalogue
from rules_service.model.ruleset import LayerSource
from rules_service.model.vocabulary_documents import VocabularyDocument

__all__ = ["code_value", "engine_words", "known_codes", "parameter_words", "vocabularies"]


@cache
def engine_words() -> Mapping[str, frozenset[str]]:
    """The words of each code fact that the engine computes, or reads from an enumeration, by fact name."""
    found = {fact.name: fact.words for fact in Catalogue.load() if fact.words}
    for fact in Catalogue.load():
        plain = fact.kind == "code" and not fact.computed
        field = MESSAGES[fact.subject].fields_by_name.get(fact.field) if plain else None
        if field is not None and field.enum_type is not None:
            found[fact.name] = frozenset(enum_words(field.enum_type).values())
    return found


def known_codes(documents: Iterable[VocabularyDocument]) -> frozenset[str]:
    """Every code of a vocabulary or of the engine, as facts hold it."""
    codes = {value.code for document in documents for value in document.values}
    return frozenset(codes.union(*engine_words().values()))


def parameter_words(layers: Iterable[LayerSource]) -> dict[str, frozenset[str]]:
    """The words that each limited parameter may hold; those of its vocabulary in any layer."""
    chain = list(layers)
    codes = vocabularies(document for layer in chain for document in layer.vocabularies)
    return {
        document.id: frozenset(document.allowed) or codes.get(document.vocabulary or "", frozenset())
        for layer in chain
        for document in layer.parameters
        if document.allowed or document.vocabulary is not None
    }


def code_value(text: str, known: frozenset[str]) -> str:
    """A code as facts hold it: a known code as it is written, any other as a working copy."""
    return text if text in known else normalise(text)


def vocabularies(documents: Iterable[VocabularyDocument]) -> dict[str, frozenset[str]]:
    """The codes that each code fact may have; facts without a vocabulary are unchecked."""
    found: dict[str, set[str]] = {}
    for document in documents:
        found.setdefault(document.vocabulary, set()).update(value.code for value in document.values)
    return {name: frozenset(words) for name, words in found.items()} | dict(engine_words())
