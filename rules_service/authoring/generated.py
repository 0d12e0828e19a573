"""Generated rule tests: cases on and beside each boundary of a rule, and for what each condition decides.

What a case expects is what the rule says now. It is marked as to be confirmed, and counts for nothing until a
person has confirmed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from rules_service import api
from rules_service.authoring.case_maker import CaseMaker, Known
from rules_service.authoring.cases import Cases
from rules_service.authoring.generated_case import GeneratedCase, GeneratedRule, GeneratedTests, Missed
from rules_service.authoring.in_force import InForce, Station
from rules_service.authoring.material import Material, Seen, constants
from rules_service.authoring.probing import Probe
from rules_service.authoring.rule_tests import RuleTest, bases, rule_tests
from rules_service.authoring.seeking import Seeker
from rules_service.authoring.workers import spread
from rules_service.compile.bundle import Bundle
from rules_service.compile.reading import own_checks
from rules_service.facts.source import Request, request_dates
from rules_service.language.keys import Reading
from rules_service.language.typed import walk
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.options_pb2 import Section
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

__all__ = ["BUDGET", "GeneratedCase", "GeneratedRule", "GeneratedTests", "Missed", "generate"]

BUDGET: Final = 6_000
"""Questions that are asked about one rule to find branches and conditions (engineering)."""


def generate(
    rules: api.Rules,
    bundle: Bundle,
    rule_ids: Iterable[str],
    *,
    region: str | None = None,
    rule_date: int | None = None,
    seeds: Sequence[Request] = (),
    budget: int = BUDGET,
    workers: int | None = None,
) -> GeneratedTests:
    """Make cases for some rules, from the requests of the tests and from ``seeds``.

    Without ``region`` and ``rule_date`` (a day number) each rule is taken as most of its tests take it.
    The same bundle and seeds give the same cases.  Raises ``UnknownRegionError``.
    """
    tests = [test for test in rule_tests(bundle.source) if not test.fault and _is_request(test)]
    cases = Cases(rules, bundle, InForce(bundle), tests)
    code = None if region is None else bundle.region(region)
    making = _Making(cases, bundle, code, rule_date, seeds, budget)
    ids = sorted(set(rule_ids))
    return GeneratedTests(bundle.version, tuple(spread(making.rule, ids, workers=workers)))


def _is_request(test: RuleTest) -> bool:
    """Whether a test has a request of which the day can be told."""
    try:
        return request_dates(test.request()).rule_date is not None
    except ValueError:
        return False


class _Making:
    def __init__(  # noqa: PLR0917 - what generate() is given
        self,
        cases: Cases,
        bundle: Bundle,
        region: str | None,
        day: int | None,
        seeds: Sequence[Request],
        budget: int,
    ) -> None:
        self._cases = cases
        self._bundle = bundle
        self._region, self._day = region, day
        self._budget = budget
        self._requests = [*(case.request for listed in cases.of_rule.values() for case in listed), *seeds]
        self._seen = Seen(self._requests)
        self._titles = {
            check.id: str(check.title.zh) for layer in bundle.source.layers for check in own_checks(layer)
        }

    def rule(self, rule: str) -> GeneratedRule:
        """The cases of one rule."""
        station = self._station(rule)
        if not self._runs(rule, station):
            return GeneratedRule(rule, self._titles.get(rule, ""), active=False)
        region = station[0]
        probe = Probe(self._cases, rule, station)
        tested = [
            case.request
            for case in self._cases.of_rule.get(rule, ())
            if case.region == region and probe.holds(case.day)
        ]
        root = self._bundle.source.root
        known = Known(
            tested=tested,
            others=[
                *(request for request in self._requests if _is_for(request, probe.check.service)),
                _blank(probe.check.service),
            ],
            bases=self._bases(region),
            region="" if region == root.region else region,
        )
        return CaseMaker(probe, self._seeker(probe), known).made()

    def _bases(self, region: str) -> dict[str, Request]:
        """The bases of tests as those of a region have them."""
        source = self._bundle.source
        layer = next((layer for layer in source.layers if layer.region == region), source.root)
        found = bases(source, layer)
        for request in found.values():
            request.project.region_code = region
        return found

    def _station(self, rule: str) -> Station:
        """Where and when a rule is taken: as asked, else as by most of its tests, else where it last runs."""
        own = self._cases.of_rule.get(rule, ())
        counts = Counter(
            (case.region, case.day)
            for case in own
            if self._region in {None, case.region} and self._runs(rule, (case.region, case.day))
        )
        chosen = max(counts, key=lambda one: (counts[one], one[1], one[0]), default=None)
        region = self._region or (chosen[0] if chosen is not None else self._bundle.source.head.root)
        if chosen is not None or self._region is not None or self._day is not None:
            return region, self._day or (
                chosen[1] if chosen is not None else self._bundle.rule_days(region)[-1]
            )
        running = (one for one in reversed(self._cases.in_force.stations) if self._runs(rule, one))
        last = self._bundle.rule_days(region)[-1]
        return (region, last) if self._runs(rule, (region, last)) else next(running, (region, last))

    def _runs(self, rule: str, station: Station) -> bool:
        view = self._cases.resolver.part(*station, frozenset({rule}))
        return any(check.id == rule for check in view.checks)

    def _seeker(self, probe: Probe) -> Seeker:
        unit = probe.check.unit
        typed = [unit.applies_when, unit.fails_when, *(one for _, one in (*unit.lets, *unit.severity))]
        nodes = [node for one in typed if one is not None for node in walk(one.node)]
        asked = constants(nodes, Reading(dict(unit.lets), probe.parameters))
        return Seeker(probe, Material(self._seen, asked, probe.view.fact_context), self._budget)


def _blank(service: str) -> Request:
    """A request in which everything was sent, and there is nothing."""
    request = ReviewRequest() if service == "review" else AssessRequest()
    request.context.provided.extend(Section.values()[1:])
    request.project.SetInParent()
    return request


def _is_for(request: Request, service: str) -> bool:
    return isinstance(request, ReviewRequest) == (service == "review")
