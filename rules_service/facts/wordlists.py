"""The word lists of a region chain, read from their files: units, polarity, vague terms, kinds of goals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rules_service.facts.fitting import FittingRowError, FittingUnits, fitting_units
from rules_service.facts.keywords import Keywords
from rules_service.facts.polarity import PolarityDictionary, PolarityRowError
from rules_service.facts.text import normalise
from rules_service.facts.units import UnitRowError, UnitTable
from rules_service.facts.vague import VagueList
from rules_service.model.catalogue import Catalogue
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.tables import read_table
from rules_service.model.validation import CATALOGUE
from rules_service.model.wordlist_files import WORDLIST_COLUMNS

__all__ = ["SCOPES", "SCOPE_FACTS", "WordListError", "WordLists", "read_word_lists"]

Files = Mapping[str, bytes]
SCOPE_FACTS = ("goal_type", "project_category")
"""The facts by whose codes a goal is of another kind than a project's, the first that says so counting."""
SCOPES = Catalogue.load()["goal.scope"].words
"""The kinds of goals: PROJECT and those beyond the project."""


class WordListError(ValueError):
    """A word list that can't be used: ``file`` and, as the text, what is wrong in it."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file


@dataclass(frozen=True, slots=True)
class WordLists:
    """Ready word lists; the fields are those of ``FactContext`` of the same names."""

    units: UnitTable
    polarity: PolarityDictionary
    keywords: Keywords
    vague: VagueList
    placeholders: frozenset[str]
    unbounded_rates: tuple[str, ...]
    timing_words: tuple[str, ...]
    fitting_units: Mapping[str, FittingUnits]
    goal_scopes: Mapping[tuple[str, str], str]


def read_word_lists(layers: Sequence[Files]) -> WordLists:
    """Read the files of all layers, from the root layer down; names are those in ``wordlists/``.

    A lower layer adds entries, and replaces those of the same unit, term or phrase.  Raises
    ``WordListError``.
    """
    terms = _merged(_yaml_rows(layers, "vague_terms.yaml", "terms"), ("term",))
    white = _merged(_yaml_rows(layers, "vague_whitelist.yaml", "phrases"), ("phrase", "kind"))
    try:
        units = UnitTable(_merged(_csv_rows(layers, "units.csv"), ("unit",)))
    except (UnitRowError, KeyError) as error:
        raise WordListError("units.csv", str(error)) from error
    try:
        polarity = PolarityDictionary(_merged(_csv_rows(layers, "polarity.csv"), ("where", "term")))
    except (PolarityRowError, KeyError) as error:
        raise WordListError("polarity.csv", str(error)) from error
    try:
        fitting = fitting_units(_merged(_csv_rows(layers, "fitting_units.csv"), ("lv2_code",)), units)
    except (FittingRowError, KeyError) as error:
        raise WordListError("fitting_units.csv", str(error)) from error
    return WordLists(
        units,
        polarity,
        Keywords(_yaml_texts(layers, "relevance_stopwords.yaml", "texts")),
        VagueList(terms, white),
        frozenset(normalise(text) for text in _yaml_texts(layers, "placeholders.yaml", "texts")),
        tuple(normalise(text) for text in _yaml_texts(layers, "rate_exempt.yaml", "patterns")),
        tuple(normalise(text) for text in _yaml_texts(layers, "timing_words.yaml", "texts")),
        fitting,
        _goal_scopes(layers),
    )


def _goal_scopes(layers: Sequence[Files]) -> dict[tuple[str, str], str]:
    """The kind of a goal by fact and code; a fact or kind that there is not can't be used."""
    scopes = {}
    for row in _merged(_csv_rows(layers, "goal_scopes.csv"), ("fact", "code")):
        if row["fact"] not in SCOPE_FACTS or row["scope"] not in SCOPES or not row["code"]:
            raise WordListError("goal_scopes.csv", ",".join((row["fact"], row["code"], row["scope"])))
        scopes[row["fact"], row["code"]] = row["scope"]
    return scopes


def _merged(rows: Iterable[Mapping[str, Any]], keys: tuple[str, ...]) -> list[Mapping[str, Any]]:
    return list({tuple(row[key] for key in keys): row for row in rows}.values())


def _csv_rows(layers: Sequence[Files], name: str) -> Iterable[Mapping[str, str]]:
    for files in layers:
        if name in files:
            unheard = Diagnostics(CATALOGUE)  # the file's faults are known from its first reading
            for row in read_table(name, files[name], WORDLIST_COLUMNS[name], unheard):
                yield row.texts()


def _yaml_rows(layers: Sequence[Files], name: str, key: str) -> Iterable[Mapping[str, Any]]:
    for row in _yaml_list(layers, name, key):
        if not isinstance(row, Mapping):
            raise WordListError(name, f"{key}: {row!r}")
        yield row


def _yaml_texts(layers: Sequence[Files], name: str, key: str) -> list[str]:
    return list(dict.fromkeys(str(text) for text in _yaml_list(layers, name, key)))


def _yaml_list(layers: Sequence[Files], name: str, key: str) -> Iterable[Any]:
    for text in _texts(layers, name):
        try:
            document = _document(text)
        except YAMLError as error:
            raise WordListError(name, str(error)) from error
        if not isinstance(document, Mapping) or not isinstance(document.get(key), list):
            raise WordListError(name, key)
        yield from document[key]


# The root layer's lists are read for every region chain.
@lru_cache(maxsize=256)
def _document(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _texts(layers: Sequence[Files], name: str) -> Iterable[str]:
    for files in layers:
        if name in files:
            try:
                yield files[name].decode("utf-8")
            except UnicodeDecodeError as error:
                raise WordListError(name, "UTF-8") from error
