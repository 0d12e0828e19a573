"""Edits of ruleset files: only the lines concerned change, and the file then says exactly what was asked."""

from __future__ import annotations

import copy
import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rules_service.authoring.csv_edit import CsvTable
from rules_service.authoring.edit_files import (
    EditError,
    add_dated_value,
    add_entry,
    document,
    remove_entry,
    rewrite,
    set_value,
)

ROOT = Path(__file__).parents[2]
CASES = YAML(typ="safe").load((ROOT / "tests/testdata/yaml_edits.yaml").read_text("utf-8"))
FILES = [path for path in sorted((ROOT / "rulesets").rglob("*.yaml")) if path.parent.name != "tests"]
TABLES = sorted((ROOT / "rulesets").rglob("*.csv"))
TEXTS = st.one_of(
    st.sampled_from(
        ["x", "=1+1", "-", "- x", "# c", "a: b", "a #b", '"q"', "it's", "中文：好", "🙂", "?", "~"]
    ),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t "), min_size=1, max_size=12
    ),
)


def plain(value: Any) -> Any:
    """Numbers of a case as the texts that a ruleset file holds."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else str(value)


def done(content: bytes, step: dict[str, Any]) -> bytes:
    place = tuple(step["at"])
    if "remove" in step:
        return remove_entry("f.yaml", content, place)
    if "add" in step:
        return add_entry("f.yaml", content, place, plain(step["add"]))
    if "date" in step:
        return add_dated_value("f.yaml", content, place, str(step["date"]), plain(step["to"]))
    return set_value("f.yaml", content, place, plain(step["to"]))


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_edit(case: dict[str, Any], line_end: str) -> None:
    content = case["before"].replace("\n", line_end).encode()
    for step in case["do"]:
        content = done(content, step)
    assert content.decode() == case["after"].replace("\n", line_end)


def test_no_change_gives_the_same_bytes() -> None:
    assert len(FILES) > 200
    for path in FILES:
        content = path.read_bytes()
        assert rewrite(str(path), content, document(str(path), content)) == content
    assert TABLES
    for path in TABLES:
        assert CsvTable(str(path), path.read_bytes()).changed({}) == path.read_bytes()


def places(node: Any, place: tuple[str | int, ...] = ()) -> Any:
    yield place, node
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from places(value, (*place, key))


def within(node: Any, place: tuple[str | int, ...]) -> Any:
    for step in place:
        node = node[step]
    return node


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_random_edits_say_what_was_asked_and_touch_their_lines_only(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    content = path.read_bytes()
    new: Any = copy.deepcopy(document(path.name, content))
    place, node = data.draw(st.sampled_from([pair for pair in places(new) if pair[0]]))
    text = data.draw(TEXTS)
    if isinstance(node, str):
        within(new, place[:-1])[place[-1]] = text
    elif isinstance(node, list):
        node.insert(data.draw(st.integers(0, len(node))), text)
    elif data.draw(st.booleans()):
        node["新的"] = data.draw(st.sampled_from([text, [text], {"zh": text, "en": "x"}]))
    elif len(node) > 1:
        del node[list(node)[-1]]
    made = rewrite(path.name, content, new)
    assert document(path.name, made) == new
    old, now = content.decode().splitlines(), made.decode().splitlines()
    changed = [
        code
        for code in difflib.SequenceMatcher(None, old, now, autojunk=False).get_opcodes()
        if code[0] != "equal"
    ]
    assert len(changed) <= 1  # one place, whatever else the file holds


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a: 1\r\nb: 2\n", "EDIT-LINE-ENDS"),
        (b"a: &x 1\n", "EDIT-UNREADABLE"),
        (b"a:\n\t- 1\n", "EDIT-UNREADABLE"),
        ("a: 甲\n".encode("gb18030"), "EDIT-UNREADABLE"),
    ],
)
def test_a_file_that_is_not_sound_is_not_edited(content: bytes, code: str) -> None:
    with pytest.raises(EditError) as error:
        rewrite("f.yaml", content, {"a": "2"})
    assert error.value.code == code


def test_what_is_not_there_or_there_already_is_told() -> None:
    content = b"- a: 1\n  b: 2\n"
    with pytest.raises(EditError) as error:
        set_value("f.yaml", content, ("x", "y"), "1")
    assert error.value.code == "EDIT-PLACE"
    with pytest.raises(EditError) as error:
        add_entry("f.yaml", content, (0,), "1", key="a")
    assert error.value.code == "EDIT-EXISTS"
    with pytest.raises(EditError) as error:  # its line is that of the dash too
        remove_entry("f.yaml", content, (0, "a"))
    assert error.value.values["place"] == "0.a"


TABLE = '编号,名称\r\n1,"甲, 乙"\r\n\r\n2,"两\r\n行"\r\n3,丙\n4,丁'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_keeps_the_bytes_of_other_records(encoding: str) -> None:
    """Line ends, quotes, blank lines, encoding and byte order mark stay."""
    table = CsvTable("t.csv", TABLE.encode(encoding))
    assert [row["名称"] for row in table.rows()] == ["甲, 乙", "两\n行", "丙", "丁"]
    made = table.changed({1: {"名称": '="x"'}}, removed=[2], added=[(3, {"编号": "5", "名称": "戊\n己"})])
    expected = '编号,名称\r\n1,"甲, 乙"\r\n\r\n2,"=""x"""\r\n4,丁\r\n5,"戊\n己"\r\n'
    assert made == expected.encode(encoding)


def test_a_table_takes_a_new_column() -> None:
    made = CsvTable("t.csv", TABLE.encode()).changed({3: {"备注": "新"}}).decode()
    assert made == '编号,名称,备注\r\n1,"甲, 乙",\r\n\r\n2,"两\r\n行",\r\n3,丙,\n4,丁,新'


def test_a_broken_table_is_not_edited() -> None:
    with pytest.raises(EditError) as error:
        CsvTable("t.csv", b'a,b\n1,"x\n')
    assert error.value.code == "EDIT-UNREADABLE"
