"""A ruleset that differs in one place from another: what would hold if a line were other, or not there."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rules_service.compile.cache import Cache
from rules_service.compile.parameters import Parameters
from rules_service.compile.resolve import MAX_VALUES, Resolver
from rules_service.compile.view import View
from rules_service.model.ruleset import LayerSource

__all__ = ["Variant"]


class Variant(Resolver):
    """Shares with its origin everything that stays the same.

    ``layers`` replace those of their regions; they differ in checks and in what their overlays change.
    Regions, words, and the days on which something changes stay those of the origin.
    """

    def __init__(
        self,
        origin: Resolver,
        layers: Mapping[str, LayerSource] = MappingProxyType({}),
        parameters: Parameters | None = None,
    ) -> None:
        vars(self).update(vars(origin))
        self._origin = origin
        self._layers = {**self._layers, **layers}
        self._forget()
        if parameters is not None:
            self.parameters = parameters
            self._values = Cache(MAX_VALUES)

    def frame(self, region: str, day: int) -> View:
        """That of the origin."""
        return self._origin.frame(region, day)

    def _new_part(self, region: str, day: int, only: frozenset[str]) -> View:
        """A part reads facts as that of the origin does, wherever it can."""
        layout = self._origin.part(region, day, only).layout
        return self._part(self.frame(region, day), self.rules(region, day, only), layout)
