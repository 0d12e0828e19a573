"""Faults of libraries of core indicators that only the rest of the ruleset shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from rules_service.compile.layering import active_layers
from rules_service.compile.libraries import CHOSEN, visible
from rules_service.compile.parameters import Dated, Parameters
from rules_service.facts.library import Library
from rules_service.facts.quantity import parse_quantity
from rules_service.facts.units import UnitTable
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.library_rows import CoreIndicator, LibrarySource
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text
from rules_service.values.outcomes import ValueSource

__all__ = ["lint_chosen", "lint_library", "lint_names"]

_TOLD = 50  # places at which one fault of a library is told


def lint_names(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """A library belongs to one layer, and two versions of it never begin on one day."""
    owners: dict[str, LibrarySource] = {}
    starts: dict[tuple[str, int], LibrarySource] = {}
    for layer in layers:
        for library in layer.libraries:
            document = library.document
            place = document.mark.value("id")
            first = owners.setdefault(document.id, library)
            if not _same_layer(first, library):
                found.add("LIBRARY-OWNER", place, id=document.id, folder=first.folder)
            other = starts.setdefault((document.id, document.effective_from), library)
            if other is not library:
                place = document.mark.value("effective_from")
                day = date_text(document.effective_from)
                found.add("LIBRARY-SAME-DAY", place, version=other.document.version, day=day)


def _same_layer(first: LibrarySource, second: LibrarySource) -> bool:
    return first.folder.rpartition("/")[0] == second.folder.rpartition("/")[0]


def lint_library(
    library: LibrarySource, chain: Sequence[LayerSource], units: UnitTable | None, found: Diagnostics
) -> None:
    """Whether each row has its place in the indicator tree, a known unit and a value that can be read."""
    document = library.document
    trees = {tree.tree: tree for layer in chain for tree in layer.trees}
    tree = trees.get(document.tree)
    if tree is None:
        place = document.mark.value("tree")
        found.add("LIBRARY-TREE", place, tree=document.tree, known="、".join(sorted(trees)))
        return
    levels = {one.code: frozenset(two.code for two in one.children) for one in tree.level1}
    told = _Told(found)
    read: dict[str, bool] = {}
    known: dict[str, bool] = {}
    for row in library.rows:
        below = levels.get(row.lv1)
        if below is None:
            told.add("LIBRARY-LEVEL1", row, text=row.lv1, tree=document.tree, known="、".join(levels))
        elif row.lv2 not in below:
            known_words = "、".join(sorted(below))
            told.add("LIBRARY-LEVEL2", row, text=row.lv2, lv1=row.lv1, tree=document.tree, known=known_words)
        if row.reference_value and not _once(read, row.reference_value, _is_value):
            told.add("LIBRARY-REFERENCE", row, text=row.reference_value[:40])
        if units is not None and row.unit and row.unit not in known:
            known[row.unit] = units.lookup(row.unit) is not None
            if not known[row.unit]:
                told.add("LIBRARY-UNIT", row, unit=row.unit[:40])


def _once(memory: dict[str, bool], text: str, ask: Callable[[str], bool]) -> bool:
    if text not in memory:
        memory[text] = ask(text)
    return memory[text]


def _is_value(text: str) -> bool:
    read = parse_quantity(text)
    return read.status == "ok" and read.count <= 1 and (read.value is not None or read.date is not None)


class _Told:
    """Tells of each kind of fault the first places, so that one mistake in a table fills no screen."""

    def __init__(self, found: Diagnostics) -> None:
        self._found = found
        self._count: dict[str, int] = {}

    def add(self, code: str, row: CoreIndicator, **values: object) -> None:
        """Tell of a row."""
        self._count[code] = self._count.get(code, 0) + 1
        if self._count[code] <= _TOLD:
            self._found.add(code, row.place, **values)


def lint_chosen(
    chain: Sequence[LayerSource],
    days: Iterable[int],
    parameters: Parameters,
    index: Callable[[LibrarySource], Library],
    found: Diagnostics,
) -> None:
    """The libraries that a chain's setting names must be there, in force from then on, and agree."""
    definition = parameters.definitions.get(CHOSEN)
    if definition is None:
        return
    for dated in definition.by_region.get(chain[-1].region, ()):
        _named(chain, dated, found)
    for day in days:
        layers = active_layers(chain, day)
        in_force = definition.in_force([layer.region for layer in layers], day)
        if in_force is None:
            continue
        region, dated = in_force
        there = {library.document.id: library for library in visible(layers, day)}
        giving = chain[: [layer.region for layer in chain].index(region) + 1]
        known = {library.document.id for layer in giving for library in layer.libraries}
        for name in dated.value:
            if name in known and name not in there:
                told = {"day": date_text(day), "versions": _versions(giving, name)}
                found.add("LIBRARY-NOT-IN-FORCE", dated.place, id=name, **told)
        _agree([index(there[name]) for name in dated.value if name in there], dated, found)


def _named(chain: Sequence[LayerSource], dated: Dated, found: Diagnostics) -> None:
    libraries: Mapping[str, LibrarySource] = {
        library.document.id: library for layer in chain for library in layer.libraries
    }
    for name in dated.value:
        library = libraries.get(name)
        if library is None:
            near = get_close_matches(name, sorted(libraries), 1, 0.3)
            found.add("LIBRARY-UNKNOWN", dated.place, id=name, near="、".join(near) or "–")
        elif library.document.sample and dated.source is ValueSource.SOURCED:
            found.add("LIBRARY-SAMPLE", dated.place, id=name)


def _versions(chain: Sequence[LayerSource], name: str) -> str:
    documents = [
        library.document for layer in chain for library in layer.libraries if library.document.id == name
    ]
    told = []
    for document in sorted(documents, key=lambda each: each.effective_from):
        end = date_text(document.effective_to) if document.effective_to is not None else "…"
        told.append(f"{document.version}（{date_text(document.effective_from)} – {end}）")
    return "、".join(told)


def _agree(libraries: Sequence[Library], dated: Dated, found: Diagnostics) -> None:
    """No code may mean two things in libraries that are chosen from together."""
    meant: dict[str, tuple[str, CoreIndicator]] = {}
    for library in libraries if len(libraries) > 1 else ():
        name = library.document.id
        for code, row in library.by_code.items():
            owner, first = meant.setdefault(code, (name, row))
            if owner != name and first.definition != row.definition:
                found.add("LIBRARY-CODES", dated.place, code=code, first=owner, second=name)
                return
