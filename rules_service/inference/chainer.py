"""A small forward chainer in plain Python: the second opinion on every conclusion, and the stand-in.

It shares no code with the translation to durable-rules, so that a fault in one is seen by the other.
It always ends: a rule adds at most one conclusion, and never takes one back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from rules_service.engine.conclude import (
    BY_CHAINER,
    AtLeast,
    Concluded,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    Fired,
    conclusion_fact,
)

__all__ = ["Chainer"]

_FIELD_INDEX = {field: index for index, field in enumerate(DecisionFact._fields)}
_MAX_PLANS = 256

# Facts of one condition, grouped by the values of the fields that the rule's joins read.
_Groups = dict[tuple[str | int, ...], list[DecisionFact]]
# (own field in the group key, earlier condition, field in the earlier one's group key)
_Link = tuple[int, int, int]


class Chainer:
    """Draws conclusions in this process; a ``Concluder``."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, tuple[_Plan, ...]] = OrderedDict()

    def conclude(self, decisions: DecisionSet, facts: tuple[DecisionFact, ...]) -> Concluded:
        """Conclude from ``facts`` alone."""
        plans = self._plans.get(decisions.hash)
        if plans is None:
            plans = tuple(_Plan(rule) for rule in decisions.rules)
            self._plans[decisions.hash] = plans
            while len(self._plans) > _MAX_PLANS:
                self._plans.popitem(last=False)
        return Concluded(_chain(plans, facts), BY_CHAINER)


def _chain(plans: tuple[_Plan, ...], facts: tuple[DecisionFact, ...]) -> tuple[Fired, ...]:
    matched = [_Matches(plan) for plan in plans]
    for candidate in matched:
        candidate.take(facts)
    waiting, fired = matched, list[_Matches]()
    while True:
        ready = [candidate for candidate in waiting if candidate.holds()]
        if not ready:
            break
        fired += ready
        waiting = [candidate for candidate in waiting if candidate not in ready]
        news = tuple(candidate.plan.conclusion for candidate in ready)
        for candidate in matched:
            candidate.take(news)
    fired.sort(key=lambda candidate: candidate.plan.order)
    return tuple(Fired(candidate.plan.id, candidate.premises()) for candidate in fired)


class _Plan:
    """One decision rule, ready to run."""

    __slots__ = ("conclusion", "id", "keys", "links", "order", "tests")

    def __init__(self, rule: DecisionRule) -> None:
        self.id = rule.id
        self.order = (-rule.then.priority, rule.id)
        self.conclusion = conclusion_fact(rule)
        self.tests = tuple(_predicate(condition) for condition in rule.when)
        place = {condition.alias: index for index, condition in enumerate(rule.when)}
        read: list[list[str]] = [[] for _ in rule.when]
        for pair in rule.joins:
            for alias, field in pair:
                if field not in read[place[alias]]:
                    read[place[alias]].append(field)
        # for each condition: the positions, in a fact, of the fields that joins read
        self.keys = tuple(tuple(_FIELD_INDEX[field] for field in fields) for fields in read)
        links: list[list[_Link]] = [[] for _ in rule.when]
        for left, right in rule.joins:
            (earlier, earlier_field), (later, later_field) = sorted(
                (left, right), key=lambda ref: place[ref[0]]
            )
            links[place[later]].append(
                (
                    read[place[later]].index(later_field),
                    place[earlier],
                    read[place[earlier]].index(earlier_field),
                )
            )
        self.links = tuple(tuple(own) for own in links)


def _predicate(condition: Condition) -> Callable[[DecisionFact], bool]:
    kind = condition.kind
    exact: list[tuple[int, frozenset[str | int]]] = []
    minima: list[tuple[int, int]] = []
    for field, test in condition.tests.items():
        if isinstance(test, AtLeast):
            minima.append((_FIELD_INDEX[field], test.minimum))
        else:
            exact.append((_FIELD_INDEX[field], frozenset(test)))

    def holds(fact: DecisionFact) -> bool:
        return (
            fact.kind == kind
            and all(fact[index] in allowed for index, allowed in exact)
            and all(int(fact[index]) >= minimum for index, minimum in minima)
        )

    return holds


class _Matches:
    """The facts that meet each condition of one rule so far."""

    __slots__ = ("groups", "plan")

    def __init__(self, plan: _Plan) -> None:
        self.plan = plan
        self.groups: tuple[_Groups, ...] = tuple({} for _ in plan.tests)

    def take(self, facts: tuple[DecisionFact, ...]) -> None:
        """File new facts under the conditions that they meet."""
        for test, key, groups in zip(self.plan.tests, self.plan.keys, self.groups, strict=True):
            for fact in facts:
                if test(fact):
                    groups.setdefault(tuple(fact[index] for index in key), []).append(fact)

    def holds(self) -> bool:
        """Whether the rule's conditions are met together."""
        return next(self._ways(()), None) is not None

    def premises(self) -> tuple[DecisionFact, ...]:
        """Every fact in any way to meet the conditions together, sorted."""
        used: set[DecisionFact] = set()
        for way in self._ways(()):
            for groups, key in zip(self.groups, way, strict=True):
                used.update(groups[key])
        return tuple(sorted(used))

    def _ways(self, chosen: tuple[tuple[str | int, ...], ...]) -> Iterator[tuple[tuple[str | int, ...], ...]]:
        """The choices of one group a condition that agree in all joins.

        Facts of one group are alike for every join, so going through groups instead of facts keeps the work
        small however many facts meet a condition.
        """
        position = len(chosen)
        if position == len(self.groups):
            yield chosen
            return
        for key in self.groups[position]:
            if all(key[own] == chosen[earlier][other] for own, earlier, other in self.plan.links[position]):
                yield from self._ways((*chosen, key))
