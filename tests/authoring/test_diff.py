"""What changed between two versions: told by meaning, and never in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from ruamel.yaml import YAML

from rules_service.authoring.diff import SUBJECTS, diff
from rules_service.authoring.diff_changes import LANGUAGES
from rules_service.authoring.diff_effects import effects
from rules_service.authoring.diff_pages import comparison_html, comparison_lines
from rules_service.authoring.diff_sides import Side
from rules_service.authoring.texts import Texts
from rules_service.compile.sources import RulesetFaultsError
from rules_service.model import library_rows, standard_rows, wordlist_files
from rules_service.model.fields import Document
from tests.authoring.small_ruleset import DATA, bundle_of, edited, small_files

FILES = small_files()
BASE = bundle_of(FILES)
CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    (DATA / "authoring" / "diff.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_change_is_told_in_sentences(case: dict[str, Any]) -> None:
    found = diff(BASE, bundle_of(edited(FILES, case)))
    assert [change.kind for change in found.changes] == case["kinds"]
    for language, key in (("zh", "says"), ("en", "en")):
        told = "\n".join(change.text.text(language) for change in found.changes)
        assert [text for text in case.get(key, []) if text not in told] == [], told
    for key in ("holds", "overridden"):
        if key in case:
            assert list(getattr(found.changes[0], key)) == case[key]


def test_the_cases_hold_nearly_every_kind_of_thing() -> None:
    told = {kind.partition(".")[0] for case in CASES for kind in case["kinds"]}
    assert set(SUBJECTS) - told == {
        *("word_list", "content_set", "library", "library_class", "library_row"),
        *("local_document", "test_base", "equivalent", "exemptions"),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_way_back_has_as_many_changes(case: dict[str, Any]) -> None:
    """What was added is removed, and what was before is after."""
    there = diff(BASE, bundle_of(edited(FILES, case)))
    back = diff(bundle_of(edited(FILES, case)), BASE)
    turned = {"added": "removed", "removed": "added"}
    assert sorted(change.kind for change in back.changes) == sorted(
        f"{change.subject}.{turned.get(change.verb, change.verb)}" for change in there.changes
    )
    befores = sorted(str(change.before) for change in there.changes if change.subject != "level_override")
    assert befores == sorted(
        str(change.after) for change in back.changes if change.subject != "level_override"
    )


def test_equal_versions_have_no_changes() -> None:
    found = diff(BASE, bundle_of(dict(FILES)))
    assert found.changes == ()
    assert "没有改动。" in list(comparison_lines(found, "zh"))
    assert "没有改动。" in comparison_html(found, "zh")


def _line_edits(lines: list[str], place: int, chance: Random) -> Iterator[str]:
    """A text with one of its lines changed in every way that people change lines."""
    line = lines[place]
    before, after = lines[:place], lines[place + 1 :]
    yield "\n".join([*before, *after])
    yield "\n".join([*before, line, line, *after])
    yield "\n".join([*before, "", line, *after])
    yield "\n".join([*before, f"{line}  # 注", *after])
    yield "\n".join([*before, f"{line} ", *after])
    if after:
        yield "\n".join([*before, after[0], line, *after[1:]])
    for found in re.finditer(r"\d+|[\u4e00-\u9fff]{2,}|[A-Z]{2,}", line):
        other = str(int(found[0]) + 1) if found[0].isdigit() else chance.choice(("甲乙", "WARN", "GE", "RED"))
        yield "\n".join([*before, line[: found.start()] + other + line[found.end() :], *after])


@st.composite
def edits(draw: st.DrawFn) -> dict[str, bytes]:
    """The small ruleset with one edit of one line of one file, or without one file."""
    path = draw(st.sampled_from(sorted(FILES)))
    files = dict(FILES)
    lines = FILES[path].decode().split("\n")
    if draw(st.integers(0, 20)) == 0:
        del files[path]
        return files
    place = draw(st.integers(0, len(lines) - 1))
    made = list(_line_edits(lines, place, Random(draw(st.integers(0, 99)))))  # noqa: S311 - variety
    files[path] = draw(st.sampled_from(made)).encode()
    return files


@settings(max_examples=120, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(edits())
def test_nothing_that_changes_the_hash_is_silent(files: dict[str, bytes]) -> None:
    """Whatever is edited, there is a change if and only if the hash is another one; each file is named."""
    try:
        bundle = bundle_of(files)
    except (RulesetFaultsError, ValueError):
        assume(False)  # what is no ruleset has no bundle
        raise
    found = diff(BASE, bundle)
    assert bool(found.changes) is (bundle.hash != BASE.hash)
    differing = {path for path in FILES.keys() | files.keys() if FILES.get(path) != files.get(path)}
    assert differing == {path for change in found.changes for path in change.files}
    for language in LANGUAGES:
        json.dumps(found.plain(language))
        comparison_html(found, language)


@pytest.mark.parametrize("path", sorted(FILES))
def test_blank_lines_and_comments_are_told_as_such_in_every_file(path: str) -> None:
    added = b"\n" if path.endswith(".csv") else "\n# 注释\n".encode()
    found = diff(BASE, bundle_of(FILES | {path: FILES[path] + added}))
    [change] = found.changes
    assert change.kind == "file.rewritten"
    assert "只改了注释" in change.text.zh


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_effects_of_single_rules_are_those_among_all_rules(case: dict[str, Any]) -> None:
    """Looking only at the rules that changes can touch finds what looking at every rule finds."""
    bundle = bundle_of(edited(FILES, case))
    changes = [change for change in diff(BASE, bundle).changes if change.subject != "effect"]
    anything = [replace(BASE_CHANGE, subject="overlay")]
    sides = Side(BASE), Side(bundle)
    assert list(effects(*sides, changes)) == list(effects(*sides, anything))


BASE_CHANGE = diff(BASE, bundle_of(edited(FILES, CASES[0]))).changes[0]


def _documents(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for below in kind.__subclasses__():
        yield below
        yield from _documents(below)


def test_every_field_has_a_name_for_people() -> None:
    fields = {name for kind in _documents(Document) for name in kind.model_fields if name != "mark"}
    fields |= {column.name for column in standard_rows.COLUMNS}
    fields |= {*library_rows.COLUMNS, *library_rows.CLASS_COLUMNS, *wordlist_files.OPERATOR_COLUMNS}
    fields |= {column for columns in wordlist_files.WORDLIST_COLUMNS.values() for column in columns}
    texts = Texts("zh")
    assert sorted(field for field in fields if not texts.or_else(f"diff_field.{field}", "")) == []


def test_every_kind_of_thing_has_a_name() -> None:
    for language in LANGUAGES:
        assert all(Texts(language)(f"diff_subject.{subject}") for subject in SUBJECTS)


def test_a_page_holds_every_sentence() -> None:
    found = diff(BASE, bundle_of(edited(FILES, CASES[0])))
    page = comparison_html(found, "zh")
    assert "20个百分点→25个百分点" in page
    assert "省甲、市乙" in page
    assert list(comparison_lines(found, "zh"))[2:4] == ["参数（1）", f"  {found.changes[0].text.zh}"]


def test_json_has_stable_keys() -> None:
    document = diff(BASE, bundle_of(edited(FILES, CASES[0]))).plain("zh")
    assert list(document) == ["old", "new", "counts", "changes"]
    assert list(document["old"]) == ["bundle", "version", "hash", "region", "date"]
    assert document["counts"] == {"value": 1}
    [change] = document["changes"]
    assert change == {
        "kind": "value.added",
        "subject": "value",
        "id": "gap_orange",
        "layer": "全国",
        "field": "value",
        "before": "20个百分点",
        "after": "25个百分点",
        "since": "2022-01-01",
        "holds": ["全国"],
        "overridden": ["省甲", "市乙"],
        "files": ["national/parameters/progress/gap_orange.yaml"],
        "text": change["text"],
    }
