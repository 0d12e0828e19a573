"""The fact catalogue: every fact a rule may read, with its names, kind, subject and meaning."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Catalogue", "Fact"]

_KINDS = frozenset(
    (
        *("money", "price", "rate", "ratio<rate>", "points", "quantity", "ratio<quantity>", "count", "score"),
        *("ratio<score>",),
        *("date", "text", "code", "boolean", "record", "list"),
    )
)
_LIST = re.compile(r"list<([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact.

    ``kind`` is a word that ``Kind.parse`` reads (``price`` is money of a finer scale, ``ratio<rate>``
    a rate kept as numerator and denominator, ``record`` may only be asked with ``has()``);
    ``element`` is the kind or subject of a list's elements; ``field`` is the request field it is
    read from, or whose cell is shown for it; ``computed`` names the computing function, empty for
    plain fields; ``words`` are the codes that a computed code can be.
    """

    name: str
    zh: str
    kind: str
    element: str | None
    subject: str
    field: str
    computed: str
    meaning_zh: str
    meaning_en: str
    words: frozenset[str] = frozenset()

    @property
    def short(self) -> str:
        """The name within its subject: ``weight`` of ``indicator.weight``."""
        return self.name.partition(".")[2]


class Catalogue:
    """All facts by English and by Chinese name."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        self._by_name = {fact.name: fact for fact in facts}
        self._by_zh = {fact.zh: fact for fact in facts}
        if len(self._by_name) != len(facts) or len(self._by_zh) != len(facts):
            raise ValueError("catalogue.csv: every English and Chinese fact name must be unique")
        self.subjects: tuple[str, ...] = tuple(dict.fromkeys(fact.subject for fact in facts))

    @staticmethod
    @cache
    def load() -> Catalogue:
        """The catalogue shipped with this version of the engine."""
        text = (files("rules_service.model") / "catalogue.csv").read_text(encoding="utf-8")
        return Catalogue(tuple(_fact(row) for row in csv.DictReader(text.splitlines())))

    def __getitem__(self, name: str) -> Fact:
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Fact | None:
        """The fact of this English name, if there is one."""
        return self._by_name.get(name)

    def by_zh(self, zh: str) -> Fact | None:
        """The fact of this Chinese name, if there is one."""
        return self._by_zh.get(zh)

    def of(self, subject: str) -> tuple[Fact, ...]:
        """All facts of one subject, in catalogue order."""
        return tuple(fact for fact in self if fact.subject == subject)


def _fact(row: dict[str, str]) -> Fact:
    kind, element = row["kind"], None
    match = _LIST.fullmatch(kind)
    if match is not None:
        kind, element = "list", match[1]
    if kind not in _KINDS:
        raise ValueError(f"catalogue.csv: {row['name']}: unknown kind {kind!r}")
    words = frozenset(filter(None, row["words"].split("|")))
    if bool(words) != (kind == "code" and bool(row["computed"])):
        raise ValueError(f"catalogue.csv: {row['name']}: computed codes, and no other facts, have words")
    return Fact(
        name=row["name"],
        zh=row["zh"],
        kind=kind,
        element=element,
        subject=row["subject"],
        field=row["field"],
        computed=row["computed"],
        meaning_zh=row["meaning_zh"],
        meaning_en=row["meaning_en"],
        words=words,
    )
