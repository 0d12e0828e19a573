"""Decision sets as rulesets of durable-rules: the JSON that its C engine reads, split into shards.

Nothing here imports the library. What its defects ask of the translation:

* a fact that meets too many conditions of one ruleset overflows a stack, so a set is split into *shards* in
  which no fact can meet more than ``MAX_MATCHES`` conditions;
* in one condition an equality between facts that stands after a list of alternatives is ignored, so the
  equalities come first and the alternatives last;
* wide conditions without an equality between them multiply (60 × 60 × 60 ways), so a rule with several of
  them is split into *parts* with one each; each part concludes a marker fact, and the rule joins the markers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rules_service.engine.conclude import (
    FIELDS,
    INTEGER_FIELDS,
    AtLeast,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
)
from rules_service.inference.limits import dependencies

__all__ = [
    "CATCH_ALL",
    "MAX_MATCHES",
    "Network",
    "Node",
    "Shard",
    "encoded",
    "marker",
    "shard",
    "translate",
]

CATCH_ALL = "all"
"""The rule that every fact meets: a fact which no rule matches leads the library into a crash."""

MAX_MATCHES = 30  # conditions that one fact can meet in one shard; the library's stack holds 64
_MAX_NODES = 256  # alternatives in one shard; the library's table holds 512
_MAX_PARTS = 100  # rules in one shard; the library's list holds 256
_CAP = 256  # ways to fire that are handed out at once

_SUBJECT = {"finding": "rule", "history": "rule", "conclusion": "rule", "band": "name", "part": "key"}


@dataclass(frozen=True, slots=True)
class Node:
    """A durable rule: decision number ``rule``, or one ``part`` of it.

    A decision of several ``parts`` has a node for each and one that joins their markers; else parts is 1.
    """

    rule: int
    part: int | None
    parts: int
    matches: tuple[Match, ...]

    @property
    def name(self) -> str:
        """The name of the durable rule."""
        return f"r{self.rule}" if self.part is None else f"r{self.rule}.{self.part}"


@dataclass(frozen=True, slots=True)
class Match:
    """One condition as durable-rules reads it, and what decides how many facts meet it."""

    alias: str
    kind: str
    expression: dict[str, Any]
    subjects: tuple[str, ...] | None
    nodes: int


@dataclass(slots=True)
class Shard:
    """Durable rules that live in one ruleset of the library."""

    nodes: list[Node] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    markers: set[str] = field(default_factory=set)
    alternatives: int = 0
    met: dict[str, Counter[str | None]] = field(default_factory=dict)

    def add(self, node: Node) -> bool:
        """Take ``node`` in, or say that it does not fit."""
        met = {kind: Counter(counter) for kind, counter in self.met.items()}
        for match in node.matches:
            counter = met.setdefault(match.kind, Counter())
            for subject in match.subjects or (None,):
                counter[subject] += 1
        worst = max(
            counter[None] + max((count for subject, count in counter.items() if subject), default=0)
            for counter in met.values()
        )
        alternatives = self.alternatives + sum(match.nodes for match in node.matches)
        full = worst > MAX_MATCHES or alternatives > _MAX_NODES or len(self.nodes) >= _MAX_PARTS
        if full and self.nodes:
            return False
        self.nodes.append(node)
        self.met, self.alternatives = met, alternatives
        for match in node.matches:
            self.kinds.add(match.kind)
            if match.kind == "part":
                self.markers.update(match.subjects or ())
        return True

    def takes(self, kind: str, subject: str) -> bool:
        """Whether a fact of ``kind`` about ``subject`` has any business in this shard."""
        return subject in self.markers if kind == "part" else kind in self.kinds

    def definition(self) -> dict[str, Any]:
        """The ruleset as the library reads it."""
        rules: dict[str, Any] = {CATCH_ALL: {"all": [{"m": {"$ex": {"kind": 1}}}], "cap": _CAP}}
        for node in self.nodes:
            rules[node.name] = {
                "all": [{match.alias: match.expression} for match in node.matches],
                "cap": _CAP,
                "dist": 0,  # one fact may meet two conditions
            }
        return rules


@dataclass(frozen=True, slots=True)
class Network:
    """A translated decision set."""

    shards: tuple[Shard, ...]
    nodes: dict[str, Node]
    read: frozenset[int]  # the rules, by number, whose conclusions another rule can match


def translate(decisions: DecisionSet) -> Network:
    """The durable rules of ``decisions``, which has passed ``check_limits``."""
    nodes = [node for number, rule in enumerate(decisions.rules) for node in _nodes(number, rule)]
    return Network(
        tuple(shard(nodes)),
        {node.name: node for node in nodes},
        frozenset(set().union(*dependencies(decisions))),
    )


def shard(nodes: Iterable[Node]) -> list[Shard]:
    """Spread durable rules over as few shards as a first fit finds."""
    shards: list[Shard] = []
    for node in nodes:
        if not any(candidate.add(node) for candidate in shards):
            fresh = Shard()
            fresh.add(node)
            shards.append(fresh)
    return shards


def encoded(fact: DecisionFact) -> dict[str, str | int]:
    """The fields of a fact as the library gets them: no empty text, no negative number."""
    row: dict[str, str | int] = {"kind": fact.kind}
    for name in FIELDS[fact.kind]:
        row[name] = _code(name, getattr(fact, name))
    return row


def marker(rule: int, part: int) -> dict[str, str | int]:
    """The fact that one part of a rule is met."""
    return {"kind": "part", "key": f"{rule}.{part}"}


def _code(name: str, value: str | int) -> str | int:
    if isinstance(value, int):
        return value - INTEGER_FIELDS[name][0]
    return value or "-"


def _nodes(number: int, rule: DecisionRule) -> Iterator[Node]:
    parts = list(_parts(rule))
    if len(parts) == 1:
        yield Node(number, None, 1, _matches(rule, parts[0]))
        return
    for index, part in enumerate(parts):
        yield Node(number, index, len(parts), _matches(rule, part))
    keys = [str(marker(number, index)["key"]) for index in range(len(parts))]
    yield Node(
        number,
        None,
        len(parts),
        tuple(
            Match(f"a{index}", "part", {"$and": [{"kind": "part"}, {"key": key}]}, (key,), 1)
            for index, key in enumerate(keys)
        ),
    )


def _parts(rule: DecisionRule) -> Iterator[list[int]]:
    """The conditions, by number, in groups of which all but the first are wide.

    Joins connect conditions. A group is narrow if a condition in it is about one rule or band, of which there
    are few facts: such groups can be put together, and with one wide group. Within a group each condition
    comes after one that it is joined with, if there is one.
    """
    groups = list(_joined(rule))
    narrow = [group for group in groups if any(_is_narrow(rule.when[number]) for number in group)]
    wide = [group for group in groups if group not in narrow]
    yield [number for group in (*narrow, *wide[:1]) for number in group]
    yield from wide[1:]


def _is_narrow(condition: Condition) -> bool:
    test = condition.tests.get(_SUBJECT.get(condition.kind, ""))
    return condition.kind == "any_pass" or (isinstance(test, tuple) and len(test) == 1)


def _joined(rule: DecisionRule) -> Iterator[list[int]]:
    place = {condition.alias: index for index, condition in enumerate(rule.when)}
    neighbours: list[list[int]] = [[] for _ in rule.when]
    for (left, _), (right, _) in rule.joins:
        neighbours[place[left]].append(place[right])
        neighbours[place[right]].append(place[left])
    taken: set[int] = set()
    for start in range(len(rule.when)):
        if start in taken:
            continue
        part, index = [start], 0
        while index < len(part):
            part += [other for other in sorted(neighbours[part[index]]) if other not in part]
            index += 1
        part = list(dict.fromkeys(part))
        taken.update(part)
        yield part


def _matches(rule: DecisionRule, part: list[int]) -> tuple[Match, ...]:
    place = {condition.alias: index for index, condition in enumerate(rule.when)}
    matches = []
    for position, number in enumerate(part):
        equalities = []
        for left, right in rule.joins:
            for (own, own_field), (other, other_field) in ((left, right), (right, left)):
                if place[own] == number and place[other] in part[:position]:
                    equalities.append({own_field: {f"a{place[other]}": other_field}})
        matches.append(_match(f"a{number}", rule.when[number], equalities))
    return tuple(matches)


def _match(alias: str, condition: Condition, equalities: list[dict[str, Any]]) -> Match:
    subject = _SUBJECT.get(condition.kind, "")
    single: list[dict[str, Any]] = [{"kind": condition.kind}]
    several: list[dict[str, Any]] = []
    subjects: tuple[str, ...] | None = None
    nodes = 1 + len(equalities)
    # the field that tells facts apart best comes first
    for name, test in sorted(condition.tests.items(), key=lambda item: (item[0] != subject, item[0])):
        if isinstance(test, AtLeast):
            single.append({"$gte": {name: _code(name, test.minimum)}})
            nodes += 1
            continue
        values = tuple(dict.fromkeys(_code(name, value) for value in test))
        nodes += len(values)
        if len(values) == 1:
            single.append({name: values[0]})
        else:
            several.append({"$or": [{name: value} for value in values]})
        # an equality is met before the alternatives are looked at, so those then narrow nothing
        if name == subject and (len(values) == 1 or not equalities):
            subjects = tuple(str(value) for value in values)
    return Match(alias, condition.kind, {"$and": single + equalities + several}, subjects, nodes)
