"""Word lists: which files ``wordlists/`` may hold, and their strict reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from rules_service.model.check_documents import ProofMark
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.fields import Bilingual, Document, Text, words
from rules_service.model.reader import read_yaml
from rules_service.model.tables import read_table
from rules_service.model.validation import read_document
from rules_service.values.outcomes import ValueSource

__all__ = [
    "OPERATORS_FILE",
    "OPERATOR_COLUMNS",
    "WORDLIST_COLUMNS",
    "check_wordlist",
    "read_default_operators",
]


class WordlistDocument(Document):
    """What every YAML word list says of itself."""

    title: Bilingual
    source: Annotated[ValueSource, BeforeValidator(words(ValueSource))]
    proof: ProofMark
    version: Text
    document: Text | None = None
    note: Bilingual | None = None
    owner: Text | None = None


class TextsDocument(WordlistDocument):
    """Texts that say nothing, that say times, or that say little.

    ``placeholders.yaml``, ``timing_words.yaml``, ``relevance_stopwords.yaml``.
    """

    texts: Annotated[tuple[Text, ...], Field(min_length=1)]


class PatternsDocument(WordlistDocument):
    """``rate_exempt.yaml``: words in the names of rates without an upper limit."""

    patterns: Annotated[tuple[Text, ...], Field(min_length=1)]


class TermDocument(Document):
    """A vague term; with ``followed_by`` only before one of these words."""

    term: Text
    followed_by: tuple[Text, ...] = ()


class TermsDocument(WordlistDocument):
    """``vague_terms.yaml``."""

    terms: Annotated[tuple[TermDocument, ...], Field(min_length=1)]


class PhraseDocument(Document):
    """A phrase that is not vague: a fixed one, or the ending of a rate's name."""

    phrase: Text
    kind: Annotated[Literal["phrase", "rate"], BeforeValidator(str)]


class PhrasesDocument(WordlistDocument):
    """``vague_whitelist.yaml``."""

    phrases: Annotated[tuple[PhraseDocument, ...], Field(min_length=1)]


_DOCUMENTS: Mapping[str, type[WordlistDocument]] = {
    "placeholders.yaml": TextsDocument,
    "rate_exempt.yaml": PatternsDocument,
    "relevance_stopwords.yaml": TextsDocument,
    "timing_words.yaml": TextsDocument,
    "vague_terms.yaml": TermsDocument,
    "vague_whitelist.yaml": PhrasesDocument,
}
WORDLIST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "units.csv": (
        *("unit", "aliases", "dimension", "base", "factor", "case", "priced_as"),
        *("proof", "source", "note"),
    ),
    "polarity.csv": ("term", "where", "polarity", "natural_max", "proof", "source", "note"),
    "fitting_units.csv": ("lv2_code", "fits", "proof", "source", "note"),
    "goal_scopes.csv": ("fact", "code", "scope", "proof", "source", "note"),
}
"""The word lists that are tables, with their columns."""


OPERATORS_FILE = "default_operators.csv"
OPERATOR_COLUMNS = ("lv2_code", "operator", "proof", "source", "note")
_OPERATORS = frozenset({"GE", "LE", "EQ", "GT", "LT"})


def read_default_operators(path: str, content: bytes, diagnostics: Diagnostics) -> dict[str, str]:
    """``default_operators.csv``: by level-2 code, the operator of a target filed without one."""
    found: dict[str, str] = {}
    for row in read_table(path, content, OPERATOR_COLUMNS, diagnostics):
        code, operator = row["lv2_code"], row["operator"]
        if operator.text not in _OPERATORS:
            allowed = "、".join(sorted(_OPERATORS))
            diagnostics.add("DOC-NOT-ONE-OF", operator.source, text=operator.text[:40], allowed=allowed)
        elif not code.text or code.text in found:
            diagnostics.add("TABLE-KEY", code.source, column="lv2_code", text=code.text)
        else:
            found[code.text] = operator.text
    return found


def check_wordlist(name: str, path: str, content: bytes, diagnostics: Diagnostics) -> bool:
    """Read a word list strictly, for its faults; false if no word list has this file name."""
    if name in _DOCUMENTS:
        node = read_yaml(path, content, diagnostics)
        if node is not None:
            read_document(_DOCUMENTS[name], node, path, diagnostics)
    elif name in WORDLIST_COLUMNS:
        for _ in read_table(path, content, WORDLIST_COLUMNS[name], diagnostics):
            pass  # its rows are read again where they are used
    else:
        return False
    return True
