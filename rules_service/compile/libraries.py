"""Libraries of core indicators of a region chain: the version in force on a day, and which are chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rules_service.compile.view import ParameterValue
from rules_service.facts.library import Libraries, Library
from rules_service.model.library_rows import LibrarySource
from rules_service.model.ruleset import LayerSource

__all__ = ["CHOSEN", "chosen", "library_days", "visible"]

CHOSEN = "indicator_libraries"
"""The setting that names the libraries whose core indicators a place's projects choose from."""


def library_days(layer: LayerSource) -> set[int]:
    """The days on which versions of a layer's libraries begin, and those after which they end."""
    documents = [library.document for library in layer.libraries]
    starts = {document.effective_from for document in documents}
    return starts | {document.effective_to + 1 for document in documents if document.effective_to is not None}


def visible(layers: Iterable[LayerSource], day: int) -> tuple[LibrarySource, ...]:
    """Of each library of active layers the version in force on a day: of those that have begun the last."""
    begun: dict[str, LibrarySource] = {}
    for layer in layers:
        for library in layer.libraries:
            document = library.document
            if document.effective_from <= day:
                earlier = begun.get(document.id)
                if earlier is None or earlier.document.effective_from < document.effective_from:
                    begun[document.id] = library
    return tuple(library for library in begun.values() if library.document.in_force(day))


def chosen(libraries: Sequence[Library], values: Mapping[str, ParameterValue]) -> Libraries:
    """Those of the visible libraries that the setting names, in its order."""
    parameter = values.get(CHOSEN)
    named = parameter.value if parameter is not None and parameter.value is not None else ()
    by_id = {library.document.id: library for library in libraries}
    return Libraries(by_id[name] for name in named if name in by_id)
