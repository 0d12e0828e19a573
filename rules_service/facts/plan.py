"""What must be read for a layout: the facts of each subject, in an order in which they can be computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rules_service.facts.computed import COMPUTATIONS
from rules_service.language.layout import Layout
from rules_service.model.catalogue import Catalogue
from rules_service.model.subjects import LISTS, SUBJECTS

__all__ = ["DERIVED", "EACH", "Plan", "SubjectPlan", "input_key", "own_keys", "plan", "raw_key"]

# Inputs made from a raw text, once for all functions that want them.
DERIVED = ("keywords", "parsed", "stated", "vague")
# A list of subjects as computing functions see it: the slot of the same name holds rows of facts.
RECORDS = "records:"
# A fact of all elements of a list in the subject.
EACH = "each:"
# Children before parents, and the report before the project: each may ask for facts of those around it.
_ORDER = tuple(reversed(tuple(SUBJECTS)))


@dataclass(slots=True)
class SubjectPlan:
    """The keys of one subject: ``weight``, ``has:weight``, ``filled:is_total``, ``raw:target_raw``.

    ``base`` are read from the message and ``steady`` computed from it: equal messages give equal values.
    ``fresh`` are computed for each element anew, ``late`` after the lists that stand in it; ``has_computed``
    ask the slow path where they must. All are in an order in which they can be computed; ``outside`` are
    inputs that stand elsewhere.
    """

    subject: str
    base: list[str] = field(default_factory=list)
    steady: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    has_computed: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)  # project:…, goal:…, @…


@dataclass(slots=True)
class Plan:
    """All subjects' plans, and the constants of a request that are needed.

    ``slots`` are those of the layout, and behind them what computed facts of the parent want of each element;
    ``joined`` holds the keys that subjects want of the one that they are joined to.
    """

    subjects: dict[str, SubjectPlan]
    slots: dict[str, tuple[str, ...]]
    joined: dict[str, SubjectPlan]

    def needs(self, constant: str) -> bool:
        """Whether any function asks for ``@links`` and the like."""
        return any(constant in each.outside for each in self.subjects.values())


def plan(layout: Layout) -> Plan:
    """Plan the extraction of a layout; ``KeyError`` for a slot that is no fact."""
    plans = {subject: SubjectPlan(subject) for subject in _ORDER}
    slots = _slots(layout)
    asked: dict[str, list[str]] = {subject: list(slots[subject]) for subject in _ORDER}
    wanted: dict[str, list[str]] = {}
    for subject in _ORDER:
        if SUBJECTS[subject].by_engine:
            continue
        _fill(plans[subject], asked[subject])
        for key in sorted(plans[subject].outside):
            owner, name = input_key(key, subject)
            if owner and owner == SUBJECTS[subject].joined:
                wanted.setdefault(owner, []).append(raw_key(name))
            elif owner and not name.startswith(EACH):
                asked[owner].append(raw_key(name))
    return Plan(plans, slots, {subject: _joined(subject, keys) for subject, keys in wanted.items()})


def _slots(layout: Layout) -> dict[str, tuple[str, ...]]:
    """The layout's slots, with what computed facts of a parent want of the elements in its lists."""
    slots = {subject: list(layout.of(subject)) for subject in _ORDER}
    for subject in _ORDER:
        own = SubjectPlan(subject)
        _fill(own, slots[subject])
        for key in sorted(own.outside):
            owner, name = input_key(key, subject)
            if name.startswith(EACH) and name.removeprefix(EACH) not in slots[owner]:
                slots[owner].append(name.removeprefix(EACH))
    return {subject: tuple(names) for subject, names in slots.items()}


def _joined(subject: str, keys: Iterable[str]) -> SubjectPlan:
    """What is read of a subject for those that are joined to it; it depends on its message alone."""
    found = SubjectPlan(subject)
    _fill(found, dict.fromkeys(keys))
    assert not found.outside, f"{subject}: {sorted(found.outside)} stand elsewhere"
    return found


def input_key(spec: str, subject: str) -> tuple[str, str]:
    """The subject that an input belongs to and its key there; subject "" for a request's constant."""
    if spec.startswith("@"):
        return "", spec
    if spec.startswith(EACH):
        owner, _, name = spec.removeprefix(EACH).partition(":")
        return owner, f"{EACH}{name}"
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
        fresh, late = not computation.steady, False
        for spec in computation.inputs:
            owner, inner = input_key(spec, target.subject)
            if owner != target.subject:
                target.outside.add(spec)
                late = late or inner.startswith(EACH)
                # A whole list around an element is no key to remember its row by.
                fresh = fresh or inner.startswith(RECORDS)
                continue
            visit(raw_key(inner))
            fresh = fresh or inner in target.fresh
            late = late or inner in target.late
        (target.late if late else target.fresh if fresh else target.steady).append(key)

    for key in keys:
        visit(key)
