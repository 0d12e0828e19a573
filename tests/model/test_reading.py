"""Reading of YAML and CSV is strict, keeps texts and places, and never raises for what an author wrote."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rules_service.model.decoding import MAX_FILE_BYTES
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.literals import LiteralError, parse_literal
from rules_service.model.nodes import Scalar, without_mark
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE

DATA = Path(__file__).parents[1] / "testdata" / "model"


def cases(name: str) -> list[Any]:
    found = YAML(typ="safe", pure=True).load((DATA / name).read_text("utf-8"))
    return [pytest.param(case, id=case["name"]) for case in found]


def content(case: dict[str, Any]) -> bytes:
    return bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()


def shown(diagnostics: Diagnostics) -> list[str]:
    return [f"{item.code}@{item.line}:{item.column}" for item in diagnostics.in_order()]


@pytest.mark.parametrize("case", cases("yaml_reading.yaml"))
def test_yaml(case: dict[str, Any]) -> None:
    """Every fault of a file is found at its line and column; scalars keep their text."""
    found = Diagnostics(CATALOGUE)
    node = read_yaml("a.yaml", content(case), found)
    assert case["expect"] == shown(found)
    if "values" in case:
        assert isinstance(node, dict)
        assert case["values"] == {key: str(value) for key, value in without_mark(node).items()}


@pytest.mark.parametrize("case", cases("positions.yaml"))
def test_positions(case: dict[str, Any]) -> None:
    """A scalar knows where its text begins, so that faults inside an expression can be shown."""
    node = read_yaml("a.yaml", content(case), Diagnostics(CATALOGUE))
    assert isinstance(node, dict)
    (scalar,) = without_mark(node).values()
    assert isinstance(scalar, Scalar)
    assert tuple(case["at"]) == (scalar.source.line, scalar.source.column)


def test_size_limit() -> None:
    """A file that is too large is refused before it is parsed."""
    found = Diagnostics(CATALOGUE)
    assert read_yaml("a.yaml", b"#" * (MAX_FILE_BYTES + 1), found) is None
    assert shown(found) == ["FILE-TOO-LARGE@1:1"]


@pytest.mark.parametrize(
    "row", list(csv.DictReader((DATA / "literals.csv").read_text("utf-8").splitlines())), ids=str
)
def test_literals(row: dict[str, str]) -> None:
    """Typed values are exact; a refused text (``!``) is answered with the right form."""
    if row["value"].startswith("!"):
        with pytest.raises(LiteralError) as error:
            parse_literal(row["kind"], row["text"])
        assert error.value.expected == row["value"][1:]
    else:
        assert str(parse_literal(row["kind"], row["text"])) == row["value"]


def test_catalogue_is_bilingual() -> None:
    """Every diagnostic says its fault and its cure in both languages, with the same values."""
    for code in CATALOGUE.codes():
        entry = CATALOGUE._entries[code]
        assert all(entry)
        assert any("\u4e00" <= character <= "\u9fff" for character in entry.zh + entry.cure_zh), code


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_diagnosed(data: bytes) -> None:
    """Whatever the bytes, reading gives a node or a diagnostic."""
    found = Diagnostics(CATALOGUE)
    assert read_yaml("a.yaml", data, found) is not None or found.found


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{},&*!|>'\"#%@?\\ \n\t1~<u0", max_size=60))
def test_yaml_like_texts_are_diagnosed(text: str) -> None:
    """The same for texts made of the characters that mean something in YAML."""
    found = Diagnostics(CATALOGUE)
    assert read_yaml("a.yaml", text.encode(), found) is not None or found.found
