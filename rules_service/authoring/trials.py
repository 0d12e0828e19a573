"""Tries mutants: does some rule test notice that a rule, a value or a line is other than it was written?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from rules_service.authoring.cases import Case, Cases
from rules_service.authoring.mutants import Mutant
from rules_service.authoring.proofs import Told, alike, difference, told
from rules_service.authoring.running import Answer, differences, finding_differences
from rules_service.compile.bundle import Bundle
from rules_service.compile.resolve import Resolver
from rules_service.compile.variant import Variant
from rules_service.compile.view import View
from rules_service.engine.prepared import Prepared

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


class Trials:
    """Runs the rule tests of a bundle on its mutants."""

    def __init__(self, cases: Cases, bundle: Bundle) -> None:
        self._cases = cases
        self._in_force = cases.in_force
        self._resolver = cases.resolver
        parameters = bundle.resolver.parameters.definitions.items()
        self._titles = {name: definition.document.title for name, definition in parameters}
        self._variants: dict[int, tuple[View, Prepared]] = {}  # of the mutant that is tried out
        self._kills: Counter[str] = Counter()
        self._said: dict[tuple[str, frozenset[str]], tuple[bytes, ...]] = {}

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
        concerned = self._in_force.asking(self._rules(mutant, variant))
        for rule in concerned:
            only = self._in_force.asked(frozenset({rule}))
            for case in self._best_first(rule):
                answer = self._changed(variant, case, only)
                if answer is None:
                    continue
                if finding_differences(case.test, answer)[0]:
                    self._kills[case.test.place] += 1
                    return Verdict(Fate.KILLED, (case.test.place,))
                near.append(case.test.place)
        among = self._in_force.asked(frozenset(concerned))
        for case in self._cases.of_answer:
            if self._influences(mutant, variant, case, among):
                whole = self._cases.ready(variant.view(case.region, case.day))
                if differences(case.test, self._cases.ask(whole, case))[0]:
                    return Verdict(Fate.KILLED, (case.test.place,))
                near.append(case.test.place)
        return Verdict(Fate.SURVIVED, tuple(sorted(set(near))))

    def _best_first(self, rule: str) -> list[Case]:
        """The tests of a rule, those that noticed most so far at the head."""
        return sorted(self._cases.of_rule.get(rule, ()), key=lambda case: -self._kills[case.test.place])

    def _rules(self, mutant: Mutant, variant: Variant) -> frozenset[str]:
        """The rules whose findings a mutant may change."""
        if not mutant.reads_facts:
            return mutant.rules
        before, after = (one.part(*mutant.station, _NONE).fact_context for one in (self._resolver, variant))
        names = (part.name for part in fields(before))
        other = frozenset(name for name in names if getattr(before, name) != getattr(after, name))
        return mutant.rules | self._cases.reading(other)

    def _influences(self, mutant: Mutant, variant: Variant, case: Case, among: frozenset[str]) -> bool:
        """Whether a whole answer may be another."""
        if mutant.words:
            station = case.region, case.day
            return not alike(self._resolver.part(*station, _NONE), variant.part(*station, _NONE))
        return self._changed(variant, case, among) is not None

    def _changed(self, variant: Variant, case: Case, only: frozenset[str]) -> Answer | None:
        """The answer of some rules, if it is another than without the change."""
        before = self._resolver.part(case.region, case.day, only)
        if alike(before, variant.part(case.region, case.day, only)):
            return None
        answer = self._answer(variant, case, only)
        return answer if self._tells(answer) != self._told(case, only) else None

    def _told(self, case: Case, only: frozenset[str]) -> tuple[bytes, ...]:
        key = (case.test.place, only)
        if key not in self._said:
            self._said[key] = self._tells(self._answer(self._resolver, case, only))
        return self._said[key]

    @staticmethod
    def _tells(answer: Answer) -> tuple[bytes, ...]:
        """What an answer says of its rules, and what it offers beside them."""
        offered = getattr(answer, "reference_values", ())
        parts = (*answer.findings, *answer.unchecked, answer.tally, *offered)
        return tuple(part.SerializeToString(deterministic=True) for part in parts)

    def _answer(self, resolver: Resolver, case: Case, only: frozenset[str]) -> Answer:
        """The answer of some rules."""
        prepared = self._cases.prepared(case, only)
        if resolver is not self._resolver:
            view = resolver.part(case.region, case.day, only)
            of, other = self._variants.get(id(view), (None, prepared))
            if of is not view:
                other = self._cases.ready(view)
                self._variants[id(view)] = (view, other)
            prepared = other
        return self._cases.ask(prepared, case)
