"""Examples of lint's codes, taken from the files of cases that the tests run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML

__all__ = ["Example", "lint_examples"]

_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")
# What a case changes, in the order in which it tells most; all but the first two are YAML.
_FRAGMENTS: Final = (
    "expression",
    "template",
    "text",
    "rows",
    "city",
    "county",
    "province",
    "regions",
    "lock",
)
_PLAIN: Final = frozenset({"expression", "template", "rows"})
_LONGEST = 40  # lines of an example


class Example(NamedTuple):
    """What brings a code about, and the same put right; either is blank where a case does not show it.

    ``form`` is how it is set in a page.
    """

    wrong: str
    right: str
    form: str


def lint_examples(folder: Path) -> dict[str, Example]:
    """By code the shortest example of the files of cases in a folder; few codes and changes go first."""
    found: dict[str, tuple[int, int, Example]] = {}
    for path in sorted(folder.rglob("*.yaml")):
        for case in _cases(path):
            codes = {match[0] for item in _expected(case) if (match := _CODE.match(str(item)))}
            example = _example(case)
            for code in codes if example is not None else ():
                assert example is not None
                ranked = (len(codes) + _changes(case), len(example.wrong), example)
                found[code] = min(found.get(code, ranked), ranked)
    return {code: example for code, (_, _, example) in found.items()}


def _cases(path: Path) -> Iterator[Mapping[str, Any]]:
    node = YAML(typ="base", pure=True).load(path.read_text("utf-8"))
    yield from (case for case in (node if isinstance(node, list) else ()) if isinstance(case, dict))


def _expected(case: Mapping[str, Any]) -> list[Any]:
    expected = case.get("expect", case.get("found"))
    return expected if isinstance(expected, list) else []


def _changes(case: Mapping[str, Any]) -> int:
    """How many things a case changes."""
    return len(case.get("edit") or ()) + len(case.get("add") or ()) + len(case.get("drop") or ())


def _example(case: Mapping[str, Any]) -> Example | None:
    for key in _FRAGMENTS:
        if isinstance(case.get(key), str):
            return _made(case[key], "", "text" if key in _PLAIN else "yaml")
    edits = case.get("edit") or []
    added = case.get("add") or {}
    if edits:
        return _made(str(edits[-1].get("new", "")), str(edits[-1].get("old", "")), "yaml")
    if added:
        return _made(str(next(iter(added.values()))), "", "yaml")
    return None


def _made(wrong: str, right: str, form: str) -> Example | None:
    lines = wrong.strip("\n").rstrip()
    if (
        not lines.strip()
        or lines.count("\n") >= _LONGEST
        or any(ord(one) < ord(" ") for one in lines if one != "\n")
    ):
        return None
    return Example(lines, right.strip("\n").rstrip(), form)
