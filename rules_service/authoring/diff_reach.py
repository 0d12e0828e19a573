"""For which places a change counts: those below its layer, but for those with something of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from rules_service.authoring.diff_changes import Change
from rules_service.authoring.diff_sides import Side
from rules_service.model.ruleset import LayerSource

__all__ = ["reaching"]

# Of which things a lower layer's replaces one of the same name: the list of the layer, and the name.
_REPLACED: Final = {
    "decision": ("decisions", "id"),
    "verdict_map": ("verdict_maps", "id"),
    "vocabulary": ("vocabularies", "vocabulary"),
    "tree": ("trees", "tree"),
    "content_set": ("content_sets", "content_set"),
    "calendar": ("calendars", "calendar"),
}
_INHERITED: Final = _REPLACED.keys() | {"check", "message"}
_TEXTS: Final = frozenset({"title", "message", "remedy"})


def reaching(change: Change, side: Side) -> Change:
    """The change with the places that have what changed, on the side where it is."""
    if change.subject not in _INHERITED or change.layer not in side.layers:
        return change
    holds: list[str] = []
    overridden: list[str] = []
    below = side.below(change.layer)
    for region in below:
        chain = side.bundle.resolver.chain(region)
        lower = [layer for layer in chain if layer.region in below and layer.region != change.layer]
        (overridden if any(_has_own(layer, change) for layer in lower) else holds).append(region)
    return replace(change, holds=tuple(holds), overridden=tuple(overridden))


def _has_own(layer: LayerSource, change: Change) -> bool:
    return change.id in set(_own(layer, change))


def _own(layer: LayerSource, change: Change) -> Iterator[str]:
    """The names of what a layer has of its own, and so does not take over."""
    if change.subject in _REPLACED:
        listed, named = _REPLACED[change.subject]
        yield from (str(getattr(one, named)) for one in getattr(layer, listed))
    elif change.subject == "message":
        yield from (entry.name.text for document in layer.messages for entry in document.messages)
    elif layer.overlay is not None:
        part = change.field.partition(".")[0]
        yield from (one.rule for one in layer.overlay.off)
        if part == "severity":
            yield from (entry.name.text for entry in layer.overlay.severity)
        if part in _TEXTS:
            yield from (
                entry.name.text for entry in layer.overlay.messages if getattr(entry.value, part) is not None
            )
