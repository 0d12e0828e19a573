"""All mutants of a ruleset: the same rules with one small change each, which some rule test must notice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rules_service.authoring.check_edits import Changed, check_edits, step_edits
from rules_service.authoring.edits import Names
from rules_service.authoring.in_force import InForce, Station
from rules_service.authoring.value_edits import value_edits
from rules_service.compile.bundle import Bundle
from rules_service.compile.context import SETTINGS
from rules_service.compile.parameters import Dated, Definition, Parameters
from rules_service.compile.reading import own_checks
from rules_service.compile.resolve import Resolver
from rules_service.compile.variant import Variant
from rules_service.model.check_documents import CheckDocument
from rules_service.model.diagnostics import Source
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text

__all__ = ["Mutant", "mutants"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. ``id`` says what it is, ``kind`` of what sort, ``source`` where.

    ``rules`` are those whose findings it may change by themselves; ``reads_facts``: it changes how facts are
    read, so that any rule may change; ``words``: it changes the words of whole answers only. ``station`` is
    a region and a day on which it is in force.
    """

    id: str
    kind: str
    rules: frozenset[str]
    source: Source
    make: Callable[[Resolver], Variant]
    station: Station
    reads_facts: bool = False
    words: bool = False


def mutants(bundle: Bundle, in_force: InForce) -> list[Mutant]:
    """All mutants, in the order of the files; of what is in force nowhere there are none."""
    return _numbered(_Making(bundle, in_force).all())


def _numbered(found: Iterable[Mutant]) -> list[Mutant]:
    """With ids that differ: equal changes of one part are counted."""
    seen: Counter[str] = Counter()
    made = []
    for mutant in found:
        seen[mutant.id] += 1
        number = seen[mutant.id]
        made.append(mutant if number == 1 else replace(mutant, id=f"{mutant.id} ({number})"))
    return made


class _Making:
    def __init__(self, bundle: Bundle, in_force: InForce) -> None:
        self._layers = bundle.source.layers
        self._reads = bundle.resolver.reads
        self._parameters = bundle.resolver.parameters
        self._in_force = in_force

    def all(self) -> Iterator[Mutant]:
        """Of each layer: its checks, the lines of its overlay, and its values."""
        for layer in self._layers:
            for document in own_checks(layer):
                yield from self._of_check(layer, document)
            if layer.overlay is not None:
                yield from self._of_severities(layer, layer.overlay)
                yield from self._of_lines(layer, layer.overlay)
            yield from self._of_values(layer)

    def _kind(self, name: str) -> str:
        definition = self._parameters.definitions.get(name)
        return str(definition.document.kind) if definition is not None else ""

    # --- checks --------------------------------------------------------------------------------

    def _of_check(self, layer: LayerSource, document: CheckDocument) -> Iterator[Mutant]:
        name = document.id
        versions = [other for other in own_checks(layer) if other.id == document.id]
        if len(versions) > 1 and document.effective_from is not None:
            name = f"{name}@{date_text(document.effective_from)}"
        running, lacking = self._in_force.check(document), self._in_force.lacking(document.id)
        for changed in check_edits(document, self._kind):
            station = lacking if changed.kind == "empty" else running
            if station is not None:
                yield _check_mutant(layer, document, name, changed, station)

    # --- values --------------------------------------------------------------------------------

    def _of_values(self, layer: LayerSource) -> Iterator[Mutant]:
        for name, definition in self._parameters.definitions.items():
            dated = definition.by_region.get(layer.region, ())
            words = self._parameters.words.get(name, frozenset())
            for position, value in enumerate(dated):
                station = self._in_force.value(name, layer.region, value.start)
                for change, other in value_edits(definition.document, value, words) if station else ():
                    values = (*dated[:position], other, *dated[position + 1 :])
                    mutant_id = f"param.{name} {layer.region} {date_text(value.start)}: {change}"
                    assert station is not None
                    mutant = self._valued(mutant_id, name, values, layer.region, value.place)
                    yield replace(mutant, station=station)

    def _valued(
        self, mutant_id: str, name: str, dated: Sequence[Dated], region: str, source: Source
    ) -> Mutant:
        """A layer gives a parameter other values."""
        definition = self._parameters.definitions[name]
        by_region = {**definition.by_region, region: tuple(dated)}
        changed = Definition(definition.document, definition.region, by_region)
        parameters = Parameters({**self._parameters.definitions, name: changed}, self._parameters.words)
        return Mutant(
            id=mutant_id,
            kind="value",
            rules=frozenset(rule for rule, read in self._reads.items() if name in read),
            source=source,
            make=lambda resolver: Variant(resolver, parameters=parameters),
            station=self._in_force.region(region),
            reads_facts=name in SETTINGS,
        )

    # --- overlays ------------------------------------------------------------------------------

    def _of_severities(self, layer: LayerSource, overlay: OverlayDocument) -> Iterator[Mutant]:
        """Changes within the lists of severities that a place gives."""
        for position, entry in enumerate(overlay.severity):
            for changed in step_edits(entry.value.levels, Names({}, self._kind), entry.name.source):
                value = entry.value.model_copy(update=dict(changed.put))
                entries = _replaced(overlay.severity, position, entry._replace(value=value))
                mutant_id = f"{entry.name} {layer.region} {changed.part}: {changed.change}"
                mutant = self._line(mutant_id, layer, {"severity": entries}, changed.source, entry.name.text)
                yield replace(mutant, kind=changed.kind)

    def _of_lines(self, layer: LayerSource, overlay: OverlayDocument) -> Iterator[Mutant]:
        """The overlay without one of its lines."""
        region = layer.region
        for entry in overlay.set:
            name = entry.name.text
            mutant = self._valued(f"{region} set.{name}: removed", name, (), region, entry.name.source)
            yield replace(mutant, kind="overlay")
        for position, severity in enumerate(overlay.severity):
            rule, place = severity.name.text, severity.name.source
            rest = _without(overlay.severity, position)
            yield self._line(f"{region} severity.{rule}: removed", layer, {"severity": rest}, place, rule)
        for position, off in enumerate(overlay.off):
            put = {"off": _without(overlay.off, position)}
            yield self._line(f"{region} off.{off.rule}: removed", layer, put, off.mark.source, off.rule)
        if overlay.verdict_map is not None:
            place = overlay.mark.value("verdict_map")
            yield self._line(f"{region} verdict_map: removed", layer, {"verdict_map": None}, place)
        if overlay.exemptions is not None:
            place = overlay.mark.value("exemptions")
            changes: list[tuple[str, Any]] = [("removed", None)]
            changes += [
                (f"{reason} removed", _without(overlay.exemptions, position))
                for position, reason in enumerate(overlay.exemptions)
            ]
            for change, rest in changes:
                line = self._line(f"{region} exemptions: {change}", layer, {"exemptions": rest}, place)
                yield replace(line, reads_facts=True, words=False)

    def _line(
        self, mutant_id: str, layer: LayerSource, put: Mapping[str, Any], source: Source, rule: str = ""
    ) -> Mutant:
        """The overlay of a layer has other lines; without a ``rule`` no finding changes."""

        def make(resolver: Resolver) -> Variant:
            assert layer.overlay is not None
            other = replace(layer, overlay=layer.overlay.model_copy(update=dict(put)))
            return Variant(resolver, {layer.region: other})

        return Mutant(
            id=mutant_id,
            kind="overlay",
            rules=frozenset({rule} if rule else ()),
            source=source,
            make=make,
            station=self._in_force.region(layer.region),
            words=not rule,
        )


def _check_mutant(
    layer: LayerSource, document: CheckDocument, name: str, changed: Changed, station: Station
) -> Mutant:
    def make(resolver: Resolver) -> Variant:
        other = document.model_copy(update=dict(changed.put))
        return Variant(resolver, {layer.region: _with_check(layer, document, other)})

    return Mutant(
        id=f"{name} {changed.part}: {changed.change}",
        kind=changed.kind,
        rules=frozenset({document.id}),
        source=changed.source,
        make=make,
        station=station,
    )


def _with_check(layer: LayerSource, document: CheckDocument, other: CheckDocument) -> LayerSource:
    checks = tuple(other if one is document else one for one in own_checks(layer))
    if layer.overlay is None:
        return replace(layer, checks=list(checks))
    return replace(layer, overlay=layer.overlay.model_copy(update={"add": checks}))


def _replaced(items: Sequence[Any], position: int, item: Any) -> tuple[Any, ...]:
    return (*items[:position], item, *items[position + 1 :])


def _without(items: Sequence[Any], position: int) -> tuple[Any, ...]:
    return (*items[:position], *items[position + 1 :])
