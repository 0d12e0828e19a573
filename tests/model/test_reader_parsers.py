"""Both parsers read the same: what libyaml takes without a complaint is what ruamel.yaml finds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules_service.model.decoding import decode
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.reader import carefully, quickly, read_yaml
from rules_service.model.validation import CATALOGUE

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("rulesets", "tests/testdata")
    for path in (ROOT / folder).rglob("*.yaml")
    if path.is_file()
)
SAMPLE = (
    "# 说明\n"
    "- id: MON-01   # 编号\n"
    '  title: {zh: 支出慢于时序进度, en: "Spending: behind"}\n'
    "  values: {2020-01-01: 30pp, '2021': [a, b, 1.50, null, yes]}\n"
    "  note: |\n"
    "    第一行\n"
    "    第二行\n"
    "  folded: >-\n"
    "    一\n"
    "    二\n"
    "  long: 写在\n"
    "    两行里\n"
    '  empty: ""\n'
    "- - 1\n"
    "  - x: y\n"
)
PIECES = [
    *"{}[],:-?#&*!|>'\"%@`~=<\\ \n\r",
    *("\n  ", "- ", ": ", "---\n", "...\n", "é", "汉", "😀", "\\x41", "0x1f", "&a", "*a", "!!str ", "<<: "),
]


def agree(text: str) -> bool:
    """Whether libyaml takes a text; if so, ruamel.yaml must find the same and nothing to say."""
    quick = quickly("f.yaml", text, CATALOGUE)
    if quick is None:
        return False
    said = Diagnostics(CATALOGUE)
    assert carefully("f.yaml", text, said) == quick
    assert said.found == []
    return True


def test_all_files_are_read_alike():
    """Every ruleset file, and every good and broken file of the tests."""
    taken = 0
    for path in FILES:
        text = decode(path.name, path.read_bytes(), Diagnostics(CATALOGUE))
        taken += text is not None and agree(text)
    assert taken > 300


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 4), st.sampled_from(PIECES)), max_size=4)
)
@example([(0, 0, "%YAML 1.1\n---\n")])
@example([(0, 0, "%TAG ! tag:x,2000:\n--- ")])
def test_damaged_files_are_read_alike(damages):
    text = SAMPLE
    for place, length, piece in damages:
        text = text[:place] + piece + text[place + length :]
    agree(text.replace("\r", "\n"))


@settings(max_examples=500)
@given(st.lists(st.sampled_from([*PIECES, "a", "b", "1"]), max_size=14).map("".join))
def test_small_texts_are_read_alike(text):
    agree(text.replace("\r", "\n"))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "&x a: 1\n",
        "a: !!str 1\n",
        "a:\n",
        "",
        "a: 1\n---\nb: 2\n",
        "a: [\n",
        "[a]: 1\n",
    ],
)
def test_what_is_to_be_complained_about_is_read_carefully(text):
    assert quickly("f.yaml", text, CATALOGUE) is None
    said, told = Diagnostics(CATALOGUE), Diagnostics(CATALOGUE)
    carefully("f.yaml", text, said)
    read_yaml("f.yaml", text.encode(), told)
    assert {item.code for item in said.found} <= {item.code for item in told.found}
    assert told.found
