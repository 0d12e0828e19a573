"""The only module that imports durable-rules; only the worker process imports this one.

The C engine is used directly. The Python layer over it starts timer threads that may run actions, hides
exceptions of actions in a state, and needs neither. The protocol with the engine, which its defects dictate:
one session id for ever, an explicit unique id for each fact, facts and never events, a rule that every fact
meets, *first* all assertions and then all actions, and in the end the session is deleted.

No fact is ever retracted, and no event used. Where a fact leaves that has been part of a way in which a rule
fired, the library strikes it out of the record of that way and counts the entries that are left until it has
seen as many as there were. From the second fact of one way on there are too few: it reads, and clears words,
beyond the record, up to and beyond the end of its memory (``deleteMessageFromFrame`` in ``state.c``). Whether
that ends in a crash is up to what lies there. Deleting the session frees the records without a look at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import durable_rules_engine as engine
import orjson

from rules_service.engine.conclude import DecisionFact, DecisionSet, conclusion_fact
from rules_service.inference.limits import require_facts, require_limits
from rules_service.inference.translate import CATCH_ALL, Network, Node, encoded, marker, translate

__all__ = ["DurableError", "DurableRules"]

_SESSION = "1"
_FIRED = list[list[Any]]


class DurableError(RuntimeError):
    """The library did something that it should not; the process that sees this ends."""


@dataclass(slots=True)
class _Loaded:
    """A decision set inside the library: one ruleset handle for each shard."""

    decisions: DecisionSet
    network: Network
    handles: list[int]


@dataclass(slots=True)
class _Fact:
    """A fact on its way into the library: its id, kind, subject (for routing) and the JSON of its fields."""

    id: str
    kind: str
    subject: str
    fields: str


@dataclass(slots=True)
class _Question:
    """What is known while one question is being answered."""

    asserted: list[tuple[int, str]] = field(default_factory=list)
    echoed: set[tuple[int, str]] = field(default_factory=set)
    premises: dict[str, set[str]] = field(default_factory=dict)

    def met(self, node: Node) -> bool:
        """Whether every part of the decision that ``node`` is a part of is met."""
        return all(f"r{node.rule}.{part}" in self.premises for part in range(node.parts))


class DurableRules:
    """Decision sets loaded into the library, by their hash. Not thread-safe."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._created = 0

    def load(self, decisions: DecisionSet) -> None:
        """Create the rulesets of ``decisions``; raises ``OutsideVocabularyError`` beyond the limits."""
        require_limits(decisions)
        self.drop(decisions.hash)
        network = translate(decisions)
        handles = []
        for part in network.shards:
            self._created += 1
            text = orjson.dumps(part.definition()).decode()
            handles.append(engine.create_ruleset(f"s{self._created}", text))
        self._loaded[decisions.hash] = _Loaded(decisions, network, handles)

    def drop(self, hash_: str) -> None:
        """Delete the rulesets of a decision set, if it is loaded."""
        loaded = self._loaded.pop(hash_, None)
        if loaded is not None:
            for handle in loaded.handles:
                engine.delete_ruleset(handle)  # leaks a session that is left in it; none is

    def conclude(self, hash_: str, facts: tuple[DecisionFact, ...]) -> _FIRED:
        """``[rule number, premises]`` for each rule that fires, as ``wire`` describes it.

        Raises ``DurableError`` or whatever the library raises; the rulesets are then in an unknown state.
        """
        require_facts(facts)
        loaded = self._loaded[hash_]
        question = _Question()
        fresh = [_Fact(f"f{number}", fact.kind, "", _fragment(fact)) for number, fact in enumerate(facts)]
        while fresh:
            fresh = list(_round(loaded, question, fresh))
        if question.echoed != set(question.asserted):
            raise DurableError("a fact was lost or invented")
        for place in {place for place, _ in question.asserted}:
            # safe because something fired: else this frees memory that was never allocated
            engine.delete_state(loaded.handles[place], _SESSION)
        return _answer(loaded.network, question)


@lru_cache(maxsize=65_536)
def _fragment(fact: DecisionFact) -> str:
    return orjson.dumps(encoded(fact)).decode()[1:]


def _round(loaded: _Loaded, question: _Question, fresh: list[_Fact]) -> Iterator[_Fact]:
    """Assert ``fresh``, run what fires, and yield the facts that follow."""
    state: dict[int, int] = {}
    for fact in fresh:
        text = f'{{"sid":"{_SESSION}","id":"{fact.id}",{fact.fields}'
        for place, part in enumerate(loaded.network.shards):
            if part.takes(fact.kind, fact.subject):
                code, state[place] = engine.assert_fact(loaded.handles[place], text)
                if code != 0:
                    raise DurableError(f"assertion answered {code}")
                question.asserted.append((place, fact.id))
    for place, offset in state.items():
        for name, ids in _actions(loaded.handles[place], offset):
            if name == CATCH_ALL:
                question.echoed.update((place, id_) for id_ in ids)
            elif name in question.premises:
                question.premises[name].update(ids)
            else:
                question.premises[name] = set(ids)
                yield from _consequences(loaded, question, loaded.network.nodes[name])


def _actions(handle: int, offset: int) -> Iterator[tuple[str, list[str]]]:
    """The rules that are due, with the ids of the facts that made them so."""
    started = engine.start_action_for_state(handle, offset)
    text = started[1] if started else None
    while text:
        ((name, ways),) = orjson.loads(text).items()
        yield name, [fact["id"] for way in ways for fact in way.values()]
        text = engine.complete_and_start_action(handle, offset)


def _consequences(loaded: _Loaded, question: _Question, node: Node) -> Iterator[_Fact]:
    """The facts that follow when ``node`` fires for the first time: those that a rule can match."""
    if node.part is None:
        if node.rule in loaded.network.read:
            conclusion = conclusion_fact(loaded.decisions.rules[node.rule])
            yield _Fact(f"c{node.rule}", conclusion.kind, "", _fragment(conclusion))
    elif question.met(node):
        for part in range(node.parts):
            row = marker(node.rule, part)
            key = str(row["key"])
            yield _Fact(f"p{key}", "part", key, orjson.dumps(row).decode()[1:])


def _answer(network: Network, question: _Question) -> _FIRED:
    fired = []
    for name, ids in question.premises.items():
        node = network.nodes[name]
        if node.part is not None:
            continue
        if node.parts > 1:
            used = set().union(*(question.premises[f"{name}.{part}"] for part in range(node.parts)))
        else:
            used = ids
        fired.append([node.rule, sorted(_premise(id_) for id_ in used)])
    return fired


def _premise(id_: str) -> int:
    number = int(id_[1:])
    return number if id_[0] == "f" else -1 - number
