"""CSV files in the exchange workbook: standards, word lists that are tables, libraries of core indicators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from rules_service.authoring.exchange_content import Content, Draft
from rules_service.authoring.exchange_kinds import TEXT, Choice, Day, Kind, Number
from rules_service.authoring.exchange_model import Column, Record, Role, told
from rules_service.authoring.exchange_records import unblank
from rules_service.authoring.yaml_words import Plain
from rules_service.model.standard_rows import COLUMNS

__all__ = ["TABLE_PREFIX", "Family", "TablePart", "table_parts"]

TABLE_PREFIX: Final = "csv:"


class Family(NamedTuple):
    """Files of one kind: the columns that tell their rows apart, and those that a row must fill."""

    what: str
    pattern: str
    keys: tuple[str, ...]
    needed: tuple[str, ...] = ()


_CLASS: Final = ("industry_code", "category_code", "use_code")
_FAMILIES: Final = (
    Family(
        "standards",
        "standards/*.csv",
        ("standard_id", "effective_from"),
        ("standard_id", "item", "category", "limit_kind", "document", "verified", "scope"),
    ),
    Family("wordlists", "wordlists/units.csv", ("unit",), ("unit", "dimension", "factor", "proof")),
    Family("wordlists", "wordlists/polarity.csv", ("term", "where"), ("term", "where", "polarity", "proof")),
    Family("wordlists", "wordlists/fitting_units.csv", ("lv2_code",), ("lv2_code", "fits", "proof")),
    Family("wordlists", "wordlists/goal_scopes.csv", ("fact", "code"), ("fact", "code", "scope", "proof")),
    Family("wordlists", "wordlists/default_operators.csv", ("lv2_code",), ("lv2_code", "operator", "proof")),
    Family("libraries", "libraries/*/*/classes.csv", _CLASS, ("name",)),
    Family(
        "libraries",
        "libraries/*/*/*.csv",
        (*_CLASS, "core_indicator_code"),
        ("core_indicator_code", "lv1_code", "lv2_code", "name", "required", "source"),
    ),
)
_NUMBERS: Final = frozenset({"value", "value_to", "tier_above", "natural_max"})
_DAYS: Final = frozenset({"effective_from", "effective_to"})
# Columns whose cells are words of ours: the group of their names, and the words.
_CHOICES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "limit_kind": (
        "limit_kind",
        (
            *("CAP", "RANGE", "FIXED", "FLOOR", "UNIT_COST"),
            *("FACTOR", "DAYS", "HEADCOUNT", "YEARS", "QUANTITY"),
        ),
    ),
    "scope": ("standard_scope", ("general", "project")),
    "binding": ("binding", ("HARD", "SOFT")),
    "service_operator": ("operator", ("GE", "GT")),
    "verified": (
        "verified",
        ("verified in source", "verified in secondary source", "from memory, unverified"),
    ),
    "polarity": ("polarity", ("POSITIVE", "NEGATIVE", "NEUTRAL")),
    "required": ("required", ("yes", "no")),
    "proof": ("proof", ("V", "S", "V2", "M", "P")),
    "operator": ("target_operator", ("GE", "LE", "EQ", "GT", "LT", "RANGE", "NONE")),
}
_OF_STANDARDS: Final = {column.name: column.aliases[0] for column in COLUMNS}
"""What the columns of standards are called."""
_WORDS_OF_STANDARDS: Final = frozenset({"limit_kind", "scope", "binding", "service_operator", "verified"})


class TablePart:
    """One CSV file as a sheet; its columns are those of the file."""

    may_add = True
    may_remove = True
    noted = ""

    def __init__(self, content: Content, path: str, family: Family) -> None:
        self.name = TABLE_PREFIX + path
        self.path = path
        self._family = family
        self.layer = next(layer for layer in content.every_layer if path.startswith(f"{layer.folder}/"))
        self._header = content.table(path).header
        self.columns = tuple(self._column(name) for name in self._header)

    def _column(self, name: str) -> Column:
        role = Role.KEY if name in self._family.keys else Role.EDIT
        header = _OF_STANDARDS.get(name, "") if self._family.what == "standards" else ""
        header = header or told_or(f"table_column.{name}", told_or(f"column.{name}", name))
        kind = _kind(self._family, name)
        return Column(name, kind, role, needed=name in self._family.needed, header=header)

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a record's key."""
        return self._family.keys

    @property
    def title(self) -> str:
        """What the sheet is called: by the file, and by the layer that is not the root one."""
        stem = PurePosixPath(self.path).stem
        place = "" if self.layer.is_root else f"{PurePosixPath(self.layer.name).name} "
        return place + told(f"csv.{self._family.what}", name=told_or(f"file.{stem}", stem))

    @property
    def about(self) -> str:
        """What is in it, and where that stands."""
        return told(f"about.csv_{self._family.what}", layer=self.layer.name)

    def records(self, content: Content) -> list[Record]:
        """One row a record of the file; rows that nothing tells apart are numbered."""
        if self.path not in content.files:
            return []
        table = content.table(self.path)
        seen: Counter[tuple[str, ...]] = Counter()
        made = []
        for number, cells in enumerate(table.rows()):
            key = tuple(cells.get(name, "") for name in self._family.keys)
            seen[key] += 1
            twice = (f"#{seen[key]}",) if seen[key] > 1 else ()
            made.append(Record((*key, *twice), unblank(cells), self.path, (number,), table.line(number)))
        return made

    def kind(self, content: Content, column: Column, key: tuple[str, ...]) -> Kind:
        """The kind of a cell: that of its column."""
        del content, key
        return column.kind

    def put(self, draft: Draft, record: Record, changes: Mapping[str, Plain]) -> None:
        """Change cells of a record."""
        number = int(record.place[0])
        cells = draft.table(self.path).cells.setdefault(number, {})
        cells.update({name: str(value) for name, value in changes.items()})

    def add(self, draft: Draft, cells: Mapping[str, Plain], after: Record | None) -> None:
        """Add a record at the end of the file."""
        del after
        self.insert(draft, cells, len(self.records(draft.content)) - 1)

    def insert(self, draft: Draft, cells: Mapping[str, Plain], after: int) -> None:
        """Add a record behind the one with a number."""
        draft.table(self.path).added.append((after, {name: str(value) for name, value in cells.items()}))

    def remove(self, draft: Draft, record: Record) -> None:
        """Take a record away."""
        draft.table(self.path).removed.append(int(record.place[0]))


def table_parts(content: Content, what: str) -> Iterator[TablePart]:
    """The CSV files of the layers that are looked at."""
    for layer in content.layers:
        for path in sorted(content.files):
            family = _family(path, layer.folder)
            if family is not None and family.what == what:
                yield TablePart(content, path, family)


def _family(path: str, folder: str) -> Family | None:
    """The family of a file of the layer with this folder."""
    depth = folder.count("/") + 1
    for family in _FAMILIES:
        if fnmatchcase(path, f"{folder}/{family.pattern}") and path.count(
            "/"
        ) == depth + family.pattern.count("/"):
            return family
    return None


def _kind(family: Family, name: str) -> Kind:
    if name in _DAYS:
        return Day()
    if name in _NUMBERS:
        return Number("quantity")
    if name == "min_service_years":
        return Number("count")
    if name in _CHOICES and (family.what == "standards") >= (name in _WORDS_OF_STANDARDS):
        group, words = _CHOICES[name]
        return Choice({word: told(f"{group}.{word}") for word in words})
    return TEXT


def told_or(key: str, other: str) -> str:
    """A text of the workbook, or another one where there is none."""
    try:
        return told(key)
    except KeyError:
        return other
