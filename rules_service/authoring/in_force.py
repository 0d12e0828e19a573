"""What of a ruleset is in force somewhere, with a region and a day where it is."""

from __future__ import annotations

from rules_service.compile.bundle import Bundle
from rules_service.compile.context import SETTINGS
from rules_service.compile.layering import layered_checks
from rules_service.compile.resolve import Resolver
from rules_service.compile.sheet_rules import all_formulas
from rules_service.language.typed import CheckUnit
from rules_service.model.check_documents import CheckDocument
from rules_service.model.subjects import SCORE

__all__ = ["InForce", "Station"]

Station = tuple[str, int]
"""A region and a rule date."""


class InForce:
    """Asked of all regions with rules, on one day of each interval over which their rules stay the same."""

    def __init__(self, bundle: Bundle) -> None:
        self._checks: dict[int, Station] = {}
        self._values: dict[tuple[str, str, int], Station] = {}
        self._lacking: dict[str, Station] = {}
        self._regions: dict[str, Station] = {}
        self.stations: list[Station] = []
        self._asks: dict[str, frozenset[str]] = {}
        for layer in bundle.source.layers:
            for day in bundle.rule_days(layer.region):
                self._look(bundle.resolver, (layer.region, day))

    def _look(self, resolver: Resolver, station: Station) -> None:
        self.stations.append(station)
        rules = resolver.rules(*station)
        self._regions[station[0]] = station
        scored = frozenset[str]().union(*(formula.typed.rules() for formula in all_formulas(rules.sheets)))
        for check in rules.checks:
            asked = _asked(check.unit) | (scored if check.subject == SCORE else frozenset())
            self._asks[check.id] = self._asks.get(check.id, frozenset()) | asked
        active = {check.id for check in rules.checks}
        for layered in layered_checks(rules.layers, station[1]):
            if layered.document.id in active:
                self._checks.setdefault(id(layered.document), station)
        read = {name for check in rules.checks for name in check.parameters} | SETTINGS.keys()
        for name in read & rules.values.keys():
            value = rules.values[name]
            if value.effective_from is not None:
                self._values.setdefault((name, value.layer, value.effective_from), station)
        for one in (*rules.checks, *(inactive.check for inactive in rules.inactive)):
            if any(rules.values[name].is_empty for name in one.parameters):
                self._lacking.setdefault(one.id, station)

    def check(self, document: CheckDocument) -> Station | None:
        """Where a check runs."""
        return self._checks.get(id(document))

    def value(self, parameter: str, region: str, start: int) -> Station | None:
        """Where a rule that runs, or the reading of facts, has the value that a layer gives from a day on."""
        return self._values.get((parameter, region, start))

    def lacking(self, rule: str) -> Station | None:
        """Where a parameter that a rule reads is empty."""
        return self._lacking.get(rule)

    def region(self, region: str) -> Station:
        """The last interval of a region with rules."""
        return self._regions[region]

    def asked(self, rules: frozenset[str]) -> frozenset[str]:
        """Some rules, and all whose outcomes they ask for."""
        found, pending = set(rules), list(rules)
        while pending:
            more = self._asks.get(pending.pop(), frozenset()) - found
            found |= more
            pending.extend(more)
        return frozenset(found)

    def asking(self, rules: frozenset[str]) -> list[str]:
        """Some rules, and after them those that ask for their outcomes."""
        others = (rule for rule in sorted(self._asks) if self.asked(frozenset({rule})) & rules)
        return [*sorted(rules), *(rule for rule in others if rule not in rules)]

    @property
    def rules(self) -> frozenset[str]:
        """The rules that run somewhere."""
        return frozenset(self._asks)


def _asked(unit: CheckUnit) -> frozenset[str]:
    typed = [unit.applies_when, unit.fails_when, *(one for _, one in (*unit.lets, *unit.severity))]
    return frozenset().union(*(one.rules() for one in typed if one is not None))
