"""What must be read for a layout: the facts of each subject, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rules_service.facts.computed import COMPUTATIONS
from rules_service.language.layout import Layout
from rules_service.model.catalogue import Catalogue
from rules_service.model.subjects import LISTS, SUBJECTS

__all__ = ["DERIVED", "Plan", "SubjectPlan", "input_key", "own_keys", "plan", "raw_key"]

# Inputs made from a raw text, once for all functions that want them.
DERIVED = ("parsed", "vague")
# A list of subjects as computing functions see it: the slot of the same name holds rows of facts.
RECORDS = "records:"
# Children before parents, and the report before the project: each may ask for facts of those around it.
_ORDER = tuple(reversed(tuple(SUBJECTS)))


@dataclass(slots=True)
class SubjectPlan:
    """The keys of one subject: ``weight``, ``has:weight``, ``filled:is_total``, ``raw:target_raw``.

    ``base`` are read from the message and ``steady`` computed from it: equal messages give equal values.
    ``fresh`` are computed for each element anew, ``has_computed`` ask the slow path where they must.
    All are in an order in which they can be computed; ``outside`` are inputs that stand elsewhere.
    """

    subject: str
    base: list[str] = field(default_factory=list)
    steady: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    has_computed: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)  # project:…, goal:…, @…


@dataclass(slots=True)
class Plan:
    """All subjects' plans, and the constants of a request that are needed."""

    subjects: dict[str, SubjectPlan]

    def needs(self, constant: str) -> bool:
        """Whether any function asks for ``@links`` and the like."""
        return any(constant in each.outside for each in self.subjects.values())


def plan(layout: Layout) -> Plan:
    """Plan the extraction of a layout; ``KeyError`` for a slot that is no fact."""
    plans = {subject: SubjectPlan(subject) for subject in _ORDER}
    asked: dict[str, list[str]] = {subject: list(layout.of(subject)) for subject in _ORDER}
    for subject in _ORDER:
        _fill(plans[subject], asked[subject])
        for key in sorted(plans[subject].outside):
            owner, name = input_key(key, subject)
            if owner:
                asked[owner].append(name)
    return Plan(plans)


def input_key(spec: str, subject: str) -> tuple[str, str]:
    """The subject that an input belongs to and its key there; subject "" for a request's constant."""
    if spec.startswith("@"):
        return "", spec
    owner, colon, name = spec.partition(":")
    if not colon or owner not in SUBJECTS:
        owner, name = subject, spec
    return owner, f"{RECORDS}{name}" if f"{owner}.{name}" in LISTS else name


def raw_key(key: str) -> str:
    """The text that a derived input is made from: ``raw:x`` of ``parsed:x``."""
    prefix, colon, name = key.partition(":")
    return f"raw:{name}" if colon and prefix in DERIVED else key


def own_keys(specs: Iterable[str], subject: str) -> list[str]:
    """The keys that inputs of a function take from its own subject."""
    found = (input_key(spec, subject) for spec in specs)
    return [raw_key(key) for owner, key in found if owner == subject]


def _fill(target: SubjectPlan, keys: Iterable[str]) -> None:
    catalogue = Catalogue.load()
    done: set[str] = set()

    def visit(key: str) -> None:
        if key in done:
            return
        done.add(key)
        _, colon, name = key.rpartition(":")
        fact = f"{target.subject}.{name}"
        if fact in LISTS and not key.startswith(RECORDS):
            return
        if not catalogue[fact].computed:
            target.base.append(key)
        elif colon:
            visit(name)
            target.has_computed.append(key)
        else:
            compute(key, fact)

    def compute(key: str, fact: str) -> None:
        computation = COMPUTATIONS[fact]
        fresh = not computation.steady
        for spec in computation.inputs:
            owner, inner = input_key(spec, target.subject)
            if owner != target.subject:
                target.outside.add(spec)
                continue
            visit(raw_key(inner))
            fresh = fresh or inner in target.fresh
        (target.fresh if fresh else target.steady).append(key)

    for key in keys:
        visit(key)
