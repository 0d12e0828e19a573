"""A small forward chainer in plain Python: the second opinion on every conclusion, and the stand-in.

It shares no code with the translation to durable-rules, so that a fault in one is seen by the other.
It always ends: a rule adds at most one conclusion, and never takes one back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

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
_SUBJECT = {"finding": "rule", "history": "rule", "conclusion": "rule", "band": "name"}
_MAX_PLANS = 256

_Value = str | int
# Facts by kind, and by kind and the rule or band that they are about.
_Index = dict[tuple[str, _Value | None], list[DecisionFact]]
# Facts of one condition, grouped by the values of the fields that the rule's joins read.
_Groups = dict[tuple[_Value, ...], list[DecisionFact]]
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
            if len(self._plans) > _MAX_PLANS:
                self._plans.popitem(last=False)
        return Concluded(_chain(plans, facts), BY_CHAINER)


def _chain(plans: tuple[_Plan, ...], facts: tuple[DecisionFact, ...]) -> tuple[Fired, ...]:
    index: _Index = {}
    _file(index, facts)
    waiting = [candidate for plan in plans if (candidate := _Matches(plan, index)).possible]
    readers = [candidate for candidate in waiting if candidate.plan.chained]
    fired: list[_Matches] = []
    while ready := [candidate for candidate in waiting if candidate.holds()]:
        fired += ready
        # only a rule that reads conclusions can come to hold later
        waiting = [candidate for candidate in readers if candidate not in fired]
        news: _Index = {}
        _file(news, tuple(candidate.plan.conclusion for candidate in ready))
        for candidate in readers:
            candidate.take(news)
    fired.sort(key=lambda candidate: candidate.plan.order)
    return tuple(Fired(candidate.plan.id, candidate.premises()) for candidate in fired)


def _file(index: _Index, facts: tuple[DecisionFact, ...]) -> None:
    for fact in facts:
        kind = fact.kind
        index.setdefault((kind, None), []).append(fact)
        index.setdefault((kind, fact.name if kind == "band" else fact.rule), []).append(fact)


class _Pattern:
    """One condition, ready to run."""

    __slots__ = ("exact", "kind", "minima", "subjects")

    def __init__(self, condition: Condition) -> None:
        self.kind = condition.kind
        self.subjects: tuple[_Value | None, ...] = (None,)
        self.exact: list[tuple[int, frozenset[_Value]]] = []
        self.minima: list[tuple[int, int]] = []
        for field, test in condition.tests.items():
            if isinstance(test, AtLeast):
                self.minima.append((_FIELD_INDEX[field], test.minimum))
            elif field == _SUBJECT.get(condition.kind):
                self.subjects = tuple(frozenset(test))
            else:
                self.exact.append((_FIELD_INDEX[field], frozenset(test)))

    def select(self, index: _Index) -> list[DecisionFact]:
        """The filed facts that meet the condition."""
        return [
            fact
            for subject in self.subjects
            for fact in index.get((self.kind, subject), ())
            if self._passes(fact)
        ]

    def _passes(self, fact: DecisionFact) -> bool:
        for place, allowed in self.exact:
            if fact[place] not in allowed:
                return False
        return all(int(fact[place]) >= minimum for place, minimum in self.minima)


class _Plan:
    """One decision rule, ready to run."""

    __slots__ = ("chained", "conclusion", "id", "keys", "links", "order", "patterns")

    def __init__(self, rule: DecisionRule) -> None:
        self.id = rule.id
        self.order = (-rule.then.priority, rule.id)
        self.conclusion = conclusion_fact(rule)
        self.patterns = tuple(_Pattern(condition) for condition in rule.when)
        self.chained = any(condition.kind == "conclusion" for condition in rule.when)
        place = {condition.alias: number for number, condition in enumerate(rule.when)}
        read: list[list[str]] = [[] for _ in rule.when]
        for pair in rule.joins:
            for alias, field in pair:
                if field not in read[place[alias]]:
                    read[place[alias]].append(field)
        # for each condition: the positions, in a fact, of the fields that joins read
        self.keys = tuple(tuple(_FIELD_INDEX[field] for field in fields) for fields in read)
        links: list[list[_Link]] = [[] for _ in rule.when]
        for pair in rule.joins:
            (earlier, other), (later, own) = sorted(pair, key=lambda ref: place[ref[0]])
            links[place[later]].append(
                (read[place[later]].index(own), place[earlier], read[place[earlier]].index(other))
            )
        self.links = tuple(tuple(of_one) for of_one in links)


class _Matches:
    """The facts that meet each condition of one rule so far.

    Not ``possible`` if a condition on something else than conclusions is met by none: that will not change.
    """

    __slots__ = ("groups", "plan", "possible")

    def __init__(self, plan: _Plan, index: _Index) -> None:
        self.plan = plan
        self.groups: tuple[_Groups, ...] = tuple({} for _ in plan.patterns)
        self.take(index)
        self.possible = all(
            groups or pattern.kind == "conclusion"
            for groups, pattern in zip(self.groups, plan.patterns, strict=True)
        )

    def take(self, index: _Index) -> None:
        """Add newly filed facts to the conditions that they meet."""
        for pattern, key, groups in zip(self.plan.patterns, self.plan.keys, self.groups, strict=True):
            for fact in pattern.select(index):
                groups.setdefault(tuple([fact[place] for place in key]), []).append(fact)

    def holds(self) -> bool:
        """Whether the rule's conditions are met together."""
        return all(self.groups) and next(self._ways(()), None) is not None

    def premises(self) -> tuple[DecisionFact, ...]:
        """Every fact in any way to meet the conditions together, sorted."""
        used: set[DecisionFact] = set()
        for way in self._ways(()):
            for groups, key in zip(self.groups, way, strict=True):
                used.update(groups[key])
        return tuple(sorted(used))

    def _ways(self, chosen: tuple[tuple[_Value, ...], ...]) -> Iterator[tuple[tuple[_Value, ...], ...]]:
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
