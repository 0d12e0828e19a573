"""Rule tests made ready to be asked again and again: requests read once, views of few rules kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rules_service import api
from rules_service.authoring.in_force import InForce
from rules_service.authoring.rule_tests import OF_ANSWER, RuleTest
from rules_service.authoring.running import Answer
from rules_service.authoring.watched import (
    PLACEHOLDERS,
    STANDARDS,
    VAGUE_TERMS,
    Row,
    Watched,
    watched_extractor,
)
from rules_service.compile.bundle import Bundle
from rules_service.compile.view import View
from rules_service.engine.prepared import Prepared
from rules_service.facts.context import FactContext
from rules_service.facts.extract import Extractor
from rules_service.facts.source import Request, request_dates
from rules_service.language.layout import Layout
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.values.dates import parse_date

__all__ = ["Case", "Cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """A test with what its request asks for."""

    test: RuleTest
    request: Request
    region: str
    day: int
    evaluated_on: int


class Cases:
    """The tests of a bundle that pass: ``of_rule`` speak of a rule, ``of_answer`` of whole answers."""

    def __init__(
        self, rules: api.Rules, bundle: Bundle, in_force: InForce, tests: Iterable[RuleTest]
    ) -> None:
        self._rules = rules
        self.engine = rules.engine
        self._bundle = bundle
        self.in_force = in_force
        self.resolver = bundle.resolver
        cases = [self._case(test) for test in tests]
        found: dict[str, list[Case]] = {}
        for case in cases:
            if "outcome" in case.test.expect:
                found.setdefault(case.test.rule, []).append(case)
        self.of_rule: Mapping[str, Sequence[Case]] = found
        self.of_answer = [case for case in cases if OF_ANSWER & case.test.expect.keys()]
        self._prepared: dict[tuple[str, int, frozenset[str]], Prepared] = {}
        self._extractors: dict[tuple[Layout, FactContext], Extractor] = {}

    def _case(self, test: RuleTest) -> Case:
        request = test.request()
        day, asked = request_dates(request).rule_date, request.context.evaluated_on
        assert day is not None, "the request was answered"
        region = self._bundle.region(request.project.region_code)
        return Case(test, request, region, day, parse_date(asked) if asked else self._rules.today())

    def prepared(self, case: Case, only: frozenset[str]) -> Prepared:
        """The view that answers a case with some of its rules, made ready."""
        key = (case.region, case.day, only)
        found = self._prepared.get(key)
        if found is None:
            view = self.resolver.part(*key)
            found = self._prepared[key] = self.ready(view)
            self._extractors[view.layout, view.fact_context] = found.extractor
        return found

    def ready(self, view: View) -> Prepared:
        """A view made ready; one that reads the same facts in the same way as a known one shares how."""
        return Prepared(view, self._extractors.get((view.layout, view.fact_context)))

    def reading(self, names: frozenset[str]) -> frozenset[str]:
        """The rules whose facts depend on one of these parts of ``FactContext``."""
        return frozenset(rule for rule, read in self._watched[0].items() if read & names)

    @property
    def rows(self) -> frozenset[Row]:
        """The rows of tables that answer for some test."""
        return self._watched[1]

    @property
    def all_rows(self) -> frozenset[Row]:
        """The rows of the tables that could: of vocabularies, those whose fact some test asks for."""
        asked = {table for table, _ in self.rows}
        found: set[Row] = set()
        for station in self.in_force.stations:
            context = self.resolver.frame(*station).fact_context
            found.update((STANDARDS, name) for name in context.standards.by_id)
            found.update((PLACEHOLDERS, text) for text in context.placeholders)
            found.update((VAGUE_TERMS, term) for term in context.vague.terms)
            for name, vocabulary in context.vocabularies.items():
                found.update((name, code) for code in vocabulary.codes if name in asked)
        return frozenset(found)

    @cached_property
    def _watched(self) -> tuple[dict[str, frozenset[str]], frozenset[Row]]:
        """By rule the parts of contexts that its facts read, and all rows that answered."""
        found: dict[str, frozenset[str]] = {}
        Watched.rows.clear()
        for rule in sorted(self.of_rule):
            Watched.read.clear()
            extractors: dict[FactContext, Extractor] = {}
            for case in self.of_rule[rule]:
                view = self.prepared(case, frozenset({rule})).view
                context = view.fact_context
                if context not in extractors:
                    extractors[context] = watched_extractor(view.layout, context)
                if isinstance(case.request, ReviewRequest):
                    extractors[context].review(case.request, case.evaluated_on)
                else:
                    extractors[context].assess(case.request, case.evaluated_on)
            found[rule] = frozenset(Watched.read)
        return found, frozenset(Watched.rows)

    def ask(self, prepared: Prepared, case: Case) -> Answer:
        """The answer of a view to a case."""
        engine = self.engine
        if isinstance(case.request, ReviewRequest):
            return engine.review(prepared, case.request, case.evaluated_on)
        return engine.assess(prepared, case.request, case.evaluated_on)
