"""The standards of a region chain: whose rows are used there, and in which places places lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from rules_service.compile.view import ParameterValue
from rules_service.facts.standard_matching import place_name
from rules_service.facts.standards import Standards
from rules_service.facts.text import normalise
from rules_service.model.ruleset import LayerSource
from rules_service.model.standard_rows import StandardRow
from rules_service.model.vocabulary_documents import RegionDocument

__all__ = [
    "BINDING",
    "OFFERED",
    "REFERENCE",
    "SAMPLES",
    "Choice",
    "choice",
    "lineage",
    "standards_of",
    "usable",
]

BINDING: Final = "standards_binding"
"""The setting that names whose standards are hard caps."""
REFERENCE: Final = "standards_reference"
"""The setting that names whose standards are offered, but bind nobody."""
OFFERED: Final = "offer_reference_values"
"""The setting that lets a review offer reference values."""
SAMPLES: Final = "use_sample_standards"
"""The setting that lets rows from memory be used."""

Lineage = Mapping[str, Sequence[frozenset[str]]]


class Choice(NamedTuple):
    """Whose standards bind, whose are used at all (working copies), and whether samples are."""

    bound: frozenset[str]
    offered: frozenset[str]
    samples: bool


def choice(values: Mapping[str, ParameterValue]) -> Choice:
    """What the settings of a view say of standards."""
    bound = frozenset(_value(values, BINDING) or ())
    return Choice(bound, bound.union(_value(values, REFERENCE) or ()), bool(_value(values, SAMPLES)))


def _value(values: Mapping[str, ParameterValue], name: str) -> Any:
    parameter = values.get(name)
    return None if parameter is None else parameter.value


def usable(layer: LayerSource, chosen: Choice) -> list[StandardRow]:
    """The rows that may be chosen in a place: a place's own, and of the root those that are named.

    The root holds other places' own standards too: they are not used. Rows from memory are sample data:
    left out, unless the ruleset asks for them.
    """
    return [
        row
        for row in layer.standards
        if (chosen.samples or not row.is_sample)
        and (layer.overlay is not None or normalise(row.applies_to) in chosen.offered)
    ]


def standards_of(layers: Iterable[LayerSource], chosen: Choice, around: Lineage) -> Standards:
    """The standards of a chain of active layers."""
    return Standards([usable(layer, chosen) for layer in layers], chosen.bound, around)


def lineage(regions: Iterable[RegionDocument]) -> Lineage:
    """By every name of a region the names of the region and of those around it, without the root."""
    known = {region.code: region for region in regions}
    spellings = {
        code: frozenset(place_name(normalise(name)) for name in (code, *region.aliases, region.name.zh.text))
        for code, region in known.items()
    }
    found: dict[str, Sequence[frozenset[str]]] = {}
    for code in known:
        line: list[str] = []
        step: str | None = code
        while step is not None and step in known and step not in line and known[step].parent is not None:
            line.append(step)
            step = known[step].parent
        for name in spellings[code]:
            found.setdefault(name, tuple(spellings[each] for each in line))
    return found
