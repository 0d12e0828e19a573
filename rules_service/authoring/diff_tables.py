"""Tables, word lists and rule tests of a ruleset, entry by entry, for comparing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rules_service.authoring.plain import Plain, plain
from rules_service.model import library_rows, standard_rows
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.nodes import Node
from rules_service.model.reader import read_yaml
from rules_service.model.tables import Column, read_table
from rules_service.model.validation import CATALOGUE
from rules_service.model.wordlist_files import OPERATOR_COLUMNS, OPERATORS_FILE, WORDLIST_COLUMNS

__all__ = ["rows_of", "test_entries", "word_entries"]

Columns = Sequence[str | Column]
# What names the rows of a table; of several with one name the later ones are numbered.
_NAMED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "units.csv": ("unit",),
    "polarity.csv": ("term", "where"),
    "fitting_units.csv": ("lv2_code",),
    "goal_scopes.csv": ("fact", "code"),
    OPERATORS_FILE: ("lv2_code",),
}
_LISTS: Final = {"texts": "", "patterns": "", "terms": "term", "phrases": "phrase"}


def rows_of(inner: str, path: str, content: bytes) -> Iterator[tuple[str, str, str, dict[str, Plain]]]:
    """The rows of a table of a layer: kind, name, what people call it, and the cells that are filled.

    ``inner`` is the path within the layer's folder.
    """
    folder, _, rest = inner.partition("/")
    kind, columns, named_by = _shape(folder, rest.rpartition("/")[2])
    if not columns:
        return
    prefix = {"libraries": (rest.rpartition("/")[0],), "wordlists": (rest,)}.get(folder, ())
    for row in read_table(path, content, columns, Diagnostics(CATALOGUE)):
        cells = row.texts()
        name = " ".join(filter(None, (*prefix, *(cells[column] for column in named_by))))
        shown = cells.get("item") or cells.get("name") or name
        yield kind, name, shown, {column: text for column, text in cells.items() if text}


def _shape(folder: str, name: str) -> tuple[str, Columns, tuple[str, ...]]:
    if folder == "standards":
        return "standard", standard_rows.COLUMNS, ("standard_id",)
    if folder == "libraries" and name.endswith(".csv"):
        if name == library_rows.CLASSES:
            return "library_class", library_rows.CLASS_COLUMNS, library_rows.CLASS_COLUMNS[:3]
        named = ("core_indicator_code", "industry_code", "category_code", "use_code")
        return "library_row", library_rows.COLUMNS, named
    if folder == "wordlists" and name == OPERATORS_FILE:
        return "word", OPERATOR_COLUMNS, _NAMED_BY[name]
    if folder == "wordlists" and name in WORDLIST_COLUMNS:
        return "word", WORDLIST_COLUMNS[name], _NAMED_BY[name]
    return "", (), ()


def word_entries(inner: str, path: str, content: bytes) -> Iterator[tuple[str, str, str, dict[str, Plain]]]:
    """What a word list in YAML says of itself, and its words."""
    folder, _, name = inner.partition("/")
    if folder != "wordlists" or not name.endswith(".yaml"):
        return
    said = plain(read_yaml(path, content, Diagnostics(CATALOGUE)))
    assert isinstance(said, dict)
    yield "word_list", name, name, {key: value for key, value in said.items() if key not in _LISTS}
    for key, named_by in _LISTS.items():
        for entry in said.get(key, ()):
            word = entry[named_by] if named_by else entry
            yield "word", f"{name} {word}", word, dict(entry) if named_by else {}


def test_entries(file: str, node: Node) -> Iterator[tuple[str, str, dict[str, Plain]]]:
    """The cases of a file of rule tests, what they build on, and changes that no test can notice."""
    said = plain(node)
    if isinstance(said, dict):
        for name, body in said.items():
            yield "test_base", f"{file} {name}", {"request": body}
        return
    assert isinstance(said, tuple)
    for case in said:
        body = dict(case) if isinstance(case, dict) else {"text": case}
        kind = "equivalent" if "mutant" in body else "test"
        names = (file, body.get("mutant") or body.get("rule"), body.get("name"))
        yield kind, " ".join(str(name) for name in names if name), body
