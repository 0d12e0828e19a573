"""What carries each sentence of a place's sources must be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from rules_service.compile.reading import own_checks
from rules_service.model.diagnostics import Diagnostics
from rules_service.model.ruleset import LayerSource

__all__ = ["check_practices"]


def check_practices(layers: Sequence[LayerSource], found: Diagnostics) -> None:
    """Every name under ``by`` is one of the ruleset's."""
    known = {name for layer in layers for name in _names(layer)}
    for layer in layers:
        for practice in layer.practices:
            for name in practice.by:
                if name.text not in known:
                    near = get_close_matches(name.text, sorted(known), 1)
                    found.add("PRACTICE-UNKNOWN", name.source, id=name.text, near="".join(near) or "–")


def _names(layer: LayerSource) -> Iterator[str]:
    yield from (check.id for check in own_checks(layer))
    yield from (tree.tree for tree in layer.trees)
    for documents in (layer.parameters, layer.decisions, layer.verdict_maps, layer.score_sheets):
        yield from (document.id for document in documents)
