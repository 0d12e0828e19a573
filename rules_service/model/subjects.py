"""The subjects that rules are about: one table says what each is, and in whose list it stands."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

__all__ = ["LISTS", "ROOTS", "SCORE", "SUBJECTS", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One row of ``subjects.csv``.

    ``parent`` is the subject in whose list it stands, empty for project and report; ``list`` the short
    name of the fact that is this list; ``in_assessment`` the field of an ``AssessRequest`` where the
    list stands instead, if it does; ``id_field`` the field that tells one from another, if there is one.
    ``joined`` is the subject that one speaks of, found by the same identifier: an actual value's indicator.
    ``by_engine``: its elements are not read from the request but made by the engine after the first stratum.
    ``around`` are the subjects around it, itself first; ``depth`` is how many indices name one.
    """

    name: str
    zh: str
    en: str
    parent: str
    list: str
    in_assessment: str
    id_field: str
    joined: str
    by_engine: bool
    around: tuple[str, ...]
    children: tuple[str, ...]

    @property
    def root(self) -> str:
        """The project or the report."""
        return self.around[-1]

    @property
    def depth(self) -> int:
        """How many indices name one: ``(g, i)`` for an indicator."""
        return len(self.around) - 1

    @property
    def list_fact(self) -> str:
        """The full name of the fact that is its list: ``goal.indicators``."""
        return f"{self.parent}.{self.list}"

    def label(self, language: Literal["zh", "en"]) -> str:
        """What people call it."""
        return self.zh if language == "zh" else self.en


def _read() -> dict[str, Subject]:
    text = (files("rules_service.model") / "subjects.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    found: dict[str, Subject] = {}
    for row in rows:
        name, parent = row["name"], row["parent"]
        found[name] = Subject(
            name=name,
            zh=row["zh"],
            en=row["en"],
            parent=parent,
            list=row["list"],
            in_assessment=row["in_assessment"],
            id_field=row["id"],
            joined=row["joined"],
            by_engine=row["made"] == "engine",
            around=(name, *(found[parent].around if parent else ())),
            children=tuple(other["name"] for other in rows if other["parent"] == name),
        )
    return found


SUBJECTS: Mapping[str, Subject] = MappingProxyType(_read())
"""All subjects by name; a parent stands before those in its lists."""
ROOTS: tuple[str, ...] = tuple(name for name, each in SUBJECTS.items() if not each.parent)
"""The subjects that stand in no list: project and report."""
SCORE = "score"
"""The subject that score sheets are for checks that read them."""
LISTS: Mapping[str, Subject] = MappingProxyType(
    {each.list_fact: each for each in SUBJECTS.values() if each.parent}
)
"""The subject whose list a fact is, by the fact's full name."""
