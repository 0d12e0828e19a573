"""Faults of dates: changes of what is not there yet, and times in which a rule has no value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rules_service.compile.layering import active_layers, layered_checks
from rules_service.compile.parameters import Dated, Definition, Parameters
from rules_service.compile.reading import own_checks
from rules_service.compile.resolve import Resolver
from rules_service.model.diagnostics import Diagnostics, Source
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.ruleset import LayerSource
from rules_service.values.dates import date_text
from rules_service.values.outcomes import ValueSource

__all__ = ["check_change_dates", "check_gaps"]


def check_change_dates(chain: Sequence[LayerSource], parameters: Parameters, found: Diagnostics) -> None:
    """The changes of a chain's last layer must not begin before what they change, nor before the layer."""
    overlay = chain[-1].overlay
    if overlay is None:
        return
    for definition in parameters.visible([layer.region for layer in chain]).values():
        for dated in definition.by_region.get(chain[-1].region, ()):
            _value(chain, definition, dated, found)
    _checks(chain, overlay, found)


def _value(chain: Sequence[LayerSource], definition: Definition, dated: Dated, found: Diagnostics) -> None:
    *above, layer = chain
    own = start_of(layer)
    name, day = definition.document.id, date_text(dated.start)
    if own is not None and dated.start < own:
        found.add("SET-BEFORE-LAYER", dated.place, id=name, day=day, start=date_text(own))
    if definition.region == layer.region:
        return
    begins = _exists_from(above, definition)
    if begins is not None and max(dated.start, own or dated.start) < begins:
        found.add("SET-BEFORE-PARENT", dated.place, id=name, day=day, start=date_text(begins))


def _exists_from(above: Sequence[LayerSource], definition: Definition) -> int | None:
    """The day from which the layers above have the parameter, with a value unless it is empty."""
    starts = {layer.region: start_of(layer) or 0 for layer in above}
    defined = starts[definition.region]
    values = [
        max(dated.start, starts[region])
        for region in starts
        for dated in definition.by_region.get(region, ())
    ]
    found = max(defined, min(values)) if values else defined
    return found or None


def _checks(chain: Sequence[LayerSource], overlay: OverlayDocument, found: Diagnostics) -> None:
    """Find changes of rules that a layer above adds later, or that have ended before."""
    *above, layer = chain
    own = start_of(layer) or 0
    inherited = {check.id: (check, upper) for upper in above for check in own_checks(upper)}
    for name, place in _changed(overlay):
        if name not in inherited:
            continue  # reported on its own
        check, upper = inherited[name]
        begins, told = start_of(upper) or 0, {"id": name, "layer": upper.region}
        if begins > own:
            days = {"start": date_text(begins), "own": date_text(own) if own else "–"}
            found.add("OVERLAY-BEFORE-PARENT", place, **told, **days)
        if check.effective_to is not None and check.effective_to < own:
            days = {"end": date_text(check.effective_to), "own": date_text(own)}
            found.add("OVERLAY-AFTER-END", place, **told, **days)


def _changed(overlay: OverlayDocument) -> Iterator[tuple[str, Source]]:
    for severity in overlay.severity:
        yield severity.name.text, severity.name.source
    for message in overlay.messages:
        yield message.name.text, message.name.source
    for off in overlay.off:
        yield off.rule, off.mark.value("rule")


def start_of(layer: LayerSource) -> int | None:
    """The day from which a layer is in effect; ``None`` for always."""
    return layer.overlay.effective_from if layer.overlay is not None else None


def check_gaps(
    resolver: Resolver,
    chain: Sequence[LayerSource],
    parameters: Parameters,
    covered: tuple[int, int | None],
    found: Diagnostics,
) -> None:
    """A rule in force must have a value of each parameter that it needs, unless that is an empty one.

    ``covered`` are the first and last rule date that the ruleset answers for.
    """
    first, last = covered
    days = [first, *(day for day in resolver.days(chain[-1].region) if day > first)]
    told: set[tuple[str, str]] = set()
    for day in days if last is None else [day for day in days if day <= last]:
        layers = active_layers(chain, day)
        values = resolver.values(layers, day)
        lacking = {name for name, value in values.items() if value.is_empty and _is_stated(parameters, name)}
        for check in layered_checks(layers, day) if lacking else ():
            if check.off is not None or not resolver.reads[check.document.id] & lacking:
                continue
            needed = resolver.built(check, values, layers).required
            for name in sorted(needed & lacking):
                if (name, check.document.id) not in told:
                    told.add((name, check.document.id))
                    _gap(parameters.definitions[name], chain, check.document.id, day, found)


def _is_stated(parameters: Parameters, name: str) -> bool:
    """Whether a parameter is to have values at all."""
    return parameters.definitions[name].document.source is not ValueSource.EMPTY


def _gap(
    definition: Definition, chain: Iterable[LayerSource], rule: str, day: int, found: Diagnostics
) -> None:
    given: Mapping[str, tuple[Dated, ...]] = definition.by_region
    values = [dated for layer in chain for dated in given.get(layer.region, ())]
    earliest = min(values, key=lambda dated: dated.start)
    told = {"id": definition.document.id, "rule": rule, "day": date_text(day)}
    found.add("VALUE-GAP", earliest.place, start=date_text(earliest.start), **told)
