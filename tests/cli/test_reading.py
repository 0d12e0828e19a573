"""Strict reading of request files: each case is a file's content, and what must be said of it."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rules_service.cli.exits import Exit, Problem
from rules_service.cli.reading import MAX_BYTES, MAX_DEPTH, read_documents, to_message
from rules_service.cli.words import Words, catalogue
from rules_service.pb.budget.rules.v1 import review_service_pb2 as review_pb

CASES = YAML(typ="safe").load(Path(__file__).parents[1] / "testdata" / "cli" / "reading.yaml")


def read(file: Path) -> list[review_pb.ReviewRequest]:
    return [to_message(review_pb.ReviewRequest, item) for item in read_documents(str(file))]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_what_is_refused_is_told_with_its_place(tmp_path, case):
    file = tmp_path / case.get("file", "request.json")
    file.write_text(case["text"], encoding="utf-8")
    with pytest.raises(Problem) as caught:
        read(file)
    assert caught.value.code is Exit.INVALID
    assert caught.value.key == case["key"]
    for language in ("zh", "en"):
        told = Words(language)(caught.value.key, **caught.value.values)
        assert told.startswith(str(file))
        for part in case.get("told", []):
            assert part in told


@pytest.mark.parametrize("case", CASES["read"], ids=lambda case: case["name"])
def test_what_is_read(tmp_path, case):
    file = tmp_path / case.get("file", "request.json")
    file.write_text(case["text"], encoding=case.get("encoding", "utf-8"))
    assert [message.project.project_name for message in read(file)] == case["names"]


def test_bytes_that_are_not_utf8_are_refused(tmp_path):
    file = tmp_path / "gbk.json"
    file.write_bytes('{"project": {"project_name": "项目"}}'.encode("gbk"))
    with pytest.raises(Problem) as caught:
        list(read_documents(str(file)))
    assert caught.value.key == "input.utf8"


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 200_000,
        '{"a":' * MAX_DEPTH + "{}" + "}" * MAX_DEPTH,
        f'{{"a": {"[" * MAX_DEPTH}{"]" * MAX_DEPTH}}}',
    ],
)
def test_nesting_too_deep_is_refused(tmp_path, text):
    file = tmp_path / "deep.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        list(read_documents(str(file)))
    assert caught.value.key == "input.deep"


def test_a_file_beyond_the_limit_is_refused(tmp_path):
    file = tmp_path / "large.json"
    with file.open("wb") as out:
        out.truncate(MAX_BYTES + 1)
    with pytest.raises(Problem) as caught:
        list(read_documents(str(file)))
    assert caught.value.key == "input.large"


def test_both_languages_have_the_same_texts_with_the_same_values():
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    fields = {
        key: [name for _, name, _, _ in string.Formatter().parse(text) if name] for key, text in zh.items()
    }
    for key, names in fields.items():
        assert sorted(names) == sorted(name for _, name, _, _ in string.Formatter().parse(en[key]) if name), (
            key
        )
