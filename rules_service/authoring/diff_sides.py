"""One side of a comparison of versions: its rules as places have them, and who speaks of them."""

from __future__ import annotations

from typing import NamedTuple

from rules_service.authoring.labels import code_labels
from rules_service.authoring.speaking import Speaker
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from rules_service.compile.layering import active_layers
from rules_service.compile.reading import own_checks
from rules_service.compile.texts import words
from rules_service.compile.view import DecisionDoc, ParameterValue, View, ViewCheck
from rules_service.model.subjects import SCORE

__all__ = ["FoundCheck", "Side", "speaker"]


class FoundCheck(NamedTuple):
    """A check as a place has it on some day, and the view that speaks of it."""

    check: ViewCheck
    frame: View


class Side:
    """Asked about one bundle; what is asked for and not there is ``None``."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.root = bundle.source.root.region
        self.layers = {layer.region: layer for layer in bundle.source.layers}
        definitions = bundle.resolver.parameters.definitions
        self.titles = {name: words(one.document.title) for name, one in definitions.items()}
        """What people call the parameters."""
        checks = [check for layer in bundle.source.layers for check in own_checks(layer)]
        self.services = {check.id: check.service for check in checks}
        """Which service runs each rule."""
        self.scored = frozenset(check.id for check in checks if check.subject == SCORE)
        """The checks of score sheets."""
        self._speakers: dict[tuple[int, str], Speaker] = {}
        self._frames: list[View] = []  # kept, so that no other view gets the number of one of them

    def below(self, region: str) -> tuple[str, ...]:
        """The regions with rules of their own whose chain holds a region, itself first."""
        chains = self.bundle.regions
        return tuple(code for code in self.layers if region in chains.chain(code))

    def check(self, region: str, rule: str) -> FoundCheck | None:
        """A check as a region has it, on the latest day on which it has it."""
        if not self.bundle.holds(region):
            return None
        resolver = self.bundle.resolver
        for day in reversed(self.bundle.rule_days(region)):
            rules = resolver.rules(region, day, frozenset({rule}))
            for check in (*rules.checks, *(one.check for one in rules.inactive)):
                return FoundCheck(check, resolver.frame(region, day))
        return None

    def decision(self, region: str, rule: str) -> tuple[DecisionDoc, View] | None:
        """A decision rule as a region has it at last."""
        if not self.bundle.holds(region):
            return None
        frame = self.bundle.resolver.frame(region, self.bundle.rule_days(region)[-1])
        found = (one for decisions in frame.decisions.values() for one in decisions if one.id == rule)
        return next(((one, frame) for one in found), None)

    def value(self, region: str, parameter: str, day: int) -> ParameterValue | None:
        """A parameter as a region has it on a day."""
        if not self.bundle.holds(region):
            return None
        resolver = self.bundle.resolver
        return resolver.values(active_layers(resolver.chain(region), day), day).get(parameter)

    def speaker(self, frame: View, language: str) -> Speaker:
        """Who says what stands in a view."""
        key = (id(frame), language)
        if key not in self._speakers:
            self._frames.append(frame)
            self._speakers[key] = speaker(self.bundle, frame, language)
        return self._speakers[key]


def speaker(bundle: Bundle, view: View, language: str) -> Speaker:
    """Who says what stands in a view, with the place's own words for codes."""
    layers = [layer for layer in bundle.source.layers if layer.region in view.region_chain]
    return Speaker(view, Texts(language), code_labels(layers, language))
