"""Every code that lint can tell has a case that brings it about, and one beside it that does not."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from rules_service.authoring.lint_codes import codes_page, lint_codes, lint_entry
from rules_service.authoring.lint_examples import lint_examples
from rules_service.authoring.texts import Texts
from rules_service.compile import sources, table_space
from rules_service.compile.archive import MANIFEST, BundleFormatError, pack, unpack
from rules_service.compile.bundle import lint
from rules_service.compile.sources import collect_files
from rules_service.model.diagnostics import Diagnostic
from rules_service.model.ruleset import parse_ruleset

TESTS = Path(__file__).parents[1]
DATA = TESTS / "testdata"
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")

# Codes whose cases are files that no text can show (workbooks, archives, limits): the tests that make them.
ELSEWHERE: Final = {
    "model/test_tables.py": (
        *("TABLE-CELL-LONG", "TABLE-CELL-ERROR", "TABLE-TOO-LONG", "TABLE-TOO-WIDE", "TABLE-MANY-FAULTS"),
        *("TABLE-WORKBOOK", "TABLE-OLD-WORKBOOK", "TABLE-UNPACKED", "TABLE-MACROS", "TABLE-LINKS"),
        *("TABLE-DECLARATION", "TABLE-HIDDEN-SHEET", "TABLE-HIDDEN-ROW", "TABLE-HIDDEN-COLUMN"),
        *("TABLE-MERGED", "TABLE-SHEETS", "TABLE-FILLED-DOWN"),
    ),
    "model/test_reading.py": ("FILE-TOO-LARGE",),
    "model/test_standards.py": (
        *("STANDARD-VALUE", "STANDARD-RANGE", "STANDARD-YEARS", "STANDARD-QUANTITY"),
        *("STANDARD-PART-KIND", "STANDARD-TIER", "STANDARD-BINDING"),
    ),
    "authoring/test_sheet_import.py": (
        *("SHEET-ROW-DIMENSION", "SHEET-ROW-BLANK", "SHEET-ROWS-MISSING", "SHEET-ROW-AUTOMATIC"),
        "SHEET-FILE-FLOW",
    ),
    "compile/test_libraries.py": ("LIBRARY-USE-FULL",),
    "authoring/test_library_import.py": ("LIBRARY-CLASS-NAMES",),
    "language/test_diagnostics.py": ("E010", "E011", "E012", "E242"),
    "authoring/test_exchange.py": ("TABLE-DIGITS",),
    "cli/test_rules_diff.py": ("BUNDLE-NOT-ARCHIVE",),
    "compile/test_bundles.py": (
        *("BUNDLE-TOO-LARGE", "BUNDLE-PATH", "BUNDLE-COMPRESSED"),
        *("BUNDLE-DUPLICATE-FILE", "BUNDLE-MISSING-FILE", "BUNDLE-EXTRA-FILE", "BUNDLE-ALTERED-FILE"),
        *("BUNDLE-HASH", "BUNDLE-HEAD"),
    ),
}


def _expected(case: Any) -> set[str]:
    expected = case.get("expect", case.get("found")) if isinstance(case, dict) else None
    items = expected if isinstance(expected, list) else []
    return {match[0] for item in items if (match := _CODE.match(str(item)))}


def _from_files() -> dict[str, Path]:
    """By code a file of cases in which one case brings it about, and another does not."""
    found: dict[str, Path] = {}
    for path in sorted(DATA.rglob("*.yaml")):
        node = YAML(typ="base", pure=True).load(path.read_text("utf-8"))
        cases = [_expected(case) for case in node] if isinstance(node, list) else []
        for code in set().union(*cases):
            if any(code not in case for case in cases):
                found.setdefault(code, path)
    return found


def _files(changed: dict[str, str]) -> list[Diagnostic]:
    """What lint says of the small ruleset with further files."""
    files, _ = collect_files(DATA / "compile" / "base")
    source, found = parse_ruleset(files | {path: text.encode() for path, text in changed.items()})
    return found if source is None else lint(source)


def _table(rows: list[str], inputs: int = 1) -> list[Diagnostic]:
    table = "table: t\ntitle: {zh: 表, en: T}\ninputs:\n"
    for number in range(inputs):
        title = f"title: {{zh: 列{number}, en: c{number}}}"
        table += f"  - {{name: i{number}, {title}, kind: boolean, value: project.is_new}}\n"
    table += "output: {name: o, title: {zh: 出, en: out}, kind: count}\nhit: unique\notherwise: 1\nrows:\n"
    basis = "basis: [{document: 某文, proof: V}]\n"
    return _files({"national/tables/t.yaml": table + "".join(f"  - {row}\n" for row in rows) + basis})


def _long_cell(count: int) -> list[Diagnostic]:
    return _table([f"{{i0: {'、'.join(['是'] * count)}, o: 1}}"])


def _long_table(count: int) -> list[Diagnostic]:
    return _table(["{i0: 是, o: 1}"] * count)


def _standards(count: int) -> list[Diagnostic]:
    text = (TESTS.parent / "rulesets/national/standards").glob("*.csv")
    head, row, *_ = next(iter(sorted(text))).read_text("utf-8-sig").splitlines()
    return _files({"national/standards/s.csv": "\n".join([head, *[row] * count]) + "\n"})


def _bundle(change: Callable[[bytes], bytes]) -> list[str]:
    data = pack("a", "1", {"ruleset.yaml": b"x"})
    try:
        unpack(change(data))
    except BundleFormatError as error:
        return [error.code]
    return []


def _without_manifest(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            if name != MANIFEST:
                new.writestr(name, old.read(name))
    return made.getvalue()


@pytest.mark.parametrize(
    ("code", "faulty", "clean"),
    [
        ("DT-CELL-LONG", lambda: _long_cell(101), lambda: _long_cell(100)),
        ("DT-TOO-LONG", lambda: _long_table(501), lambda: _long_table(500)),
        ("STANDARD-MANY", lambda: _standards(300), lambda: _standards(3)),
    ],
)
def test_limits(
    code: str, faulty: Callable[[], list[Diagnostic]], clean: Callable[[], list[Diagnostic]]
) -> None:
    """What is too long is told, and what is just not too long is not."""
    assert code in {item.code for item in faulty()}
    assert code not in {item.code for item in clean()}


def test_too_complex_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked through has an end, which a table of one row is far from."""
    monkeypatch.setattr(table_space, "_MAX_STEPS", 20)
    rows = [
        "{" + ", ".join(f"i{number}: {word}" for number, word in enumerate(words)) + ", o: 1}"
        for words in product("是否", repeat=6)
    ]
    assert "DT-TOO-COMPLEX" in {item.code for item in _table(rows, 6)}
    assert "DT-TOO-COMPLEX" not in {item.code for item in _table(["{i0: 是, o: 1}"])}


def test_bundles() -> None:
    """A file without a manifest, and one with something behind its end."""
    assert _bundle(_without_manifest) == ["BUNDLE-NO-MANIFEST"]
    assert _bundle(lambda data: data[:-2] + b"\x01\x00" + b"x") == ["BUNDLE-NOT-CANONICAL"]
    assert _bundle(lambda data: data) == []


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link, one file in two folders, and more files than a ruleset has."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "ruleset.yaml").write_text("id: a\n", encoding="utf-8")
    assert [item.code for item in collect_files(one)[1]] == []
    assert [item.code for item in collect_files(one, two)[1]] == ["FILE-TWICE"]
    (one / "link.yaml").symlink_to(two / "ruleset.yaml")
    assert [item.code for item in collect_files(one)[1]] == ["FILE-LINK"]
    monkeypatch.setattr(sources, "MAX_FILES", 0)
    assert [item.code for item in collect_files(two)[1]] == ["FILE-TOO-MANY"]


HERE: Final = (
    *("DT-CELL-LONG", "DT-TOO-LONG", "STANDARD-MANY", "DT-TOO-COMPLEX", "BUNDLE-NO-MANIFEST"),
    *("BUNDLE-NOT-CANONICAL", "FILE-TWICE", "FILE-LINK", "FILE-TOO-MANY"),
)


@pytest.mark.parametrize("code", lint_codes())
def test_every_code_has_a_case_and_one_without_it(code: str) -> None:
    """In a file of cases (each of which is run, and must find exactly what it says), or in a test by name."""
    if code in _FILES:
        return
    named = [test for test, codes in ELSEWHERE.items() if code in codes]
    assert named or code in HERE, f"{code} has no case: add one to tests/testdata/compile/lint.yaml"
    for test in named:
        assert code in (TESTS / test).read_text("utf-8")


def test_no_code_is_listed_for_nothing() -> None:
    """What stands in a file of cases needs no other place."""
    listed = {*HERE, *(code for codes in ELSEWHERE.values() for code in codes)}
    assert listed <= set(lint_codes())


def test_page() -> None:
    """The page has a section for each code, and an example for what a file of cases shows."""
    page = codes_page(lint_examples(DATA), Texts("zh"))
    sections = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert sorted(sections) == lint_codes()
    assert page == (TESTS.parent / "docs" / "lint-codes.md").read_text("utf-8")
    entry = lint_entry("dt-gap")
    assert entry is not None
    assert "{" not in entry.zh
    assert lint_entry("NO-SUCH") is None


_FILES = _from_files()
