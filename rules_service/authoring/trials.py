"""Tries mutants: does some rule test notice that a rule, a value or a line is other than it was written?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from rules_service import api
from rules_service.authoring.in_force import InForce
from rules_service.authoring.mutants import Mutant
from rules_service.authoring.proofs import Told, alike, difference, told
from rules_service.authoring.rule_tests import OF_ANSWER, RuleTest
from rules_service.authoring.running import Answer, differences, finding_differences
from rules_service.compile.bundle import Bundle
from rules_service.compile.resolve import Resolver
from rules_service.compile.variant import Variant
from rules_service.compile.view import View
from rules_service.engine.prepared import Prepared
from rules_service.facts.source import Request, request_dates
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.values.dates import parse_date

__all__ = ["Fate", "Trials", "Verdict"]

_NONE: frozenset[str] = frozenset()


class Fate(StrEnum):
    """What came of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    EQUIVALENT = "equivalent"
    """It survived, and was proven to say in every state what the rule says."""
    NO_RULE = "no_rule"
    """The change makes no rule of the language, so that the checks of the ruleset refuse it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant's fate; ``tests`` are the place of the test that killed it, or of those that came near.

    A test comes near if the answer to its request changes in something that it does not expect.
    ``difference`` is a state in which a survivor differs from the rule, in words of ``zh`` and ``en``.
    """

    fate: Fate
    tests: tuple[str, ...] = ()
    difference: Told | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A test that passes, with what its request asks for."""

    test: RuleTest
    request: Request
    region: str
    day: int
    evaluated_on: int


class Trials:
    """The rule tests of a bundle, made ready to be run on its mutants."""

    def __init__(
        self, rules: api.Rules, bundle: Bundle, in_force: InForce, tests: Iterable[RuleTest]
    ) -> None:
        self._rules = rules
        self._in_force = in_force
        self._bundle = bundle
        self._resolver = bundle.resolver
        parameters = bundle.resolver.parameters.definitions.items()
        self._titles = {name: definition.document.title for name, definition in parameters}
        cases = [self._case(test) for test in tests]
        self._of_rule: dict[str, list[_Case]] = {}
        for case in cases:
            if "outcome" in case.test.expect:
                self._of_rule.setdefault(case.test.rule, []).append(case)
        self._of_answer = [case for case in cases if OF_ANSWER & case.test.expect.keys()]
        self._prepared: dict[tuple[str, int, frozenset[str]], Prepared] = {}
        self._variants: dict[int, tuple[View, Prepared]] = {}  # of the mutant that is tried out
        self._said: dict[tuple[str, frozenset[str]], tuple[bytes, ...]] = {}

    def _case(self, test: RuleTest) -> _Case:
        request = test.request()
        day, asked = request_dates(request).rule_date, request.context.evaluated_on
        assert day is not None
        region = self._bundle.region(request.project.region_code)
        return _Case(test, request, region, day, parse_date(asked) if asked else self._rules.today())

    def try_out(self, mutant: Mutant) -> Verdict:
        """Run the tests that the mutant concerns until one fails; if none does, look for a proof."""
        verdict = self._tested(mutant)
        if verdict.fate is not Fate.SURVIVED:
            return verdict
        found = difference(mutant, self._resolver, self._in_force.stations)
        if found is None:
            return Verdict(Fate.EQUIVALENT)
        return replace(verdict, difference=told(found, self._titles))

    def _tested(self, mutant: Mutant) -> Verdict:
        variant = mutant.make(self._resolver)
        self._variants.clear()
        if not all(variant.is_sound(*mutant.station, rule) for rule in sorted(mutant.rules)):
            return Verdict(Fate.NO_RULE)
        near: list[str] = []
        rules = self._in_force.rules if mutant.reads_facts else mutant.rules
        for rule in self._in_force.asking(rules):
            only = self._in_force.asked(frozenset({rule}))
            for case in self._of_rule.get(rule, ()):
                answer = self._changed(variant, case, only)
                if answer is None:
                    continue
                if finding_differences(case.test, answer)[0]:
                    return Verdict(Fate.KILLED, (case.test.place,))
                near.append(case.test.place)
        for case in self._of_answer:
            if self._influences(mutant, variant, case):
                whole = Prepared(variant.view(case.region, case.day))
                if differences(case.test, self._asked_of(whole, case))[0]:
                    return Verdict(Fate.KILLED, (case.test.place,))
                near.append(case.test.place)
        return Verdict(Fate.SURVIVED, tuple(dict.fromkeys(near)))

    def _influences(self, mutant: Mutant, variant: Variant, case: _Case) -> bool:
        """Whether a whole answer may be another."""
        station = case.region, case.day
        if mutant.reads_facts or mutant.words:
            return not alike(self._resolver.part(*station, _NONE), variant.part(*station, _NONE))
        among = self._in_force.asked(frozenset(self._in_force.asking(mutant.rules)))
        return self._changed(variant, case, among) is not None

    def _changed(self, variant: Variant, case: _Case, only: frozenset[str]) -> Answer | None:
        """The answer of some rules, if it is another than without the change."""
        before = self._resolver.part(case.region, case.day, only)
        if alike(before, variant.part(case.region, case.day, only)):
            return None
        answer = self._answer(variant, case, only)
        return answer if self._tells(answer) != self._told(case, only) else None

    def _told(self, case: _Case, only: frozenset[str]) -> tuple[bytes, ...]:
        key = (case.test.place, only)
        if key not in self._said:
            self._said[key] = self._tells(self._answer(self._resolver, case, only))
        return self._said[key]

    @staticmethod
    def _tells(answer: Answer) -> tuple[bytes, ...]:
        """What an answer says of its rules."""
        parts = (*answer.findings, *answer.unchecked, answer.tally)
        return tuple(part.SerializeToString(deterministic=True) for part in parts)

    def _answer(self, resolver: Resolver, case: _Case, only: frozenset[str]) -> Answer:
        """The answer of some rules."""
        key = (case.region, case.day, only)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = Prepared(self._resolver.part(*key))
        if resolver is not self._resolver:
            view = resolver.part(*key)
            of, other = self._variants.get(id(view), (None, prepared))
            if of is not view:
                other = _like(prepared, view)
                self._variants[id(view)] = (view, other)
            prepared = other
        return self._asked_of(prepared, case)

    def _asked_of(self, prepared: Prepared, case: _Case) -> Answer:
        engine = self._rules.engine
        if isinstance(case.request, ReviewRequest):
            return engine.review(prepared, case.request, case.evaluated_on)
        return engine.assess(prepared, case.request, case.evaluated_on)


def _like(prepared: Prepared, view: View) -> Prepared:
    """A view made ready; facts are read by what is ready already, if it reads them in the same way."""
    before = prepared.view
    same = before.layout == view.layout and before.fact_context is view.fact_context
    return Prepared(view, prepared.extractor if same else None)
