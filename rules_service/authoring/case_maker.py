"""Makes the generated cases of one rule: what is not tested yet, in requests as small as they can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rules_service.authoring.atoms import Goal, Sort
from rules_service.authoring.differing import document_of, leaves, over
from rules_service.authoring.generated_case import GeneratedCase, GeneratedRule, Missed
from rules_service.authoring.generated_names import Namer
from rules_service.authoring.probing import Judgement, Probe, Sight
from rules_service.authoring.seeking import Found, Seeker
from rules_service.authoring.shrinking import shrunk
from rules_service.facts.source import Request

__all__ = ["CaseMaker", "Known"]

_TO_SHRINK: Final = 200
_BASES: Final = 3  # that are tried


@dataclass(frozen=True, slots=True)
class Known:
    """What there is before cases are made.

    ``tested`` are the requests of the rule's tests, ``others`` those to start from besides; ``bases`` are
    those of tests by name (a case may also do without one); ``region`` is the region that a case must name,
    empty for the root.
    """

    tested: Sequence[Request]
    others: Sequence[Request]
    bases: Mapping[str, Request]
    region: str


class CaseMaker:
    """Makes the cases of one rule."""

    def __init__(self, probe: Probe, seeker: Seeker, known: Known) -> None:
        self._probe = probe
        self._seeker = seeker
        self._known = known
        self._namer = Namer(probe.check, probe.view)
        self._cases: list[GeneratedCase] = []
        self._shown: set[Goal] = set()
        self._missed: dict[Goal, str] = {}
        self._names: Counter[str] = Counter()

    def made(self) -> GeneratedRule:
        """All cases."""
        goals = self._probe.atoms.goals()
        plain = [goal for goal in goals if goal.sort is not Sort.BOUNDARY]
        own = [self._offer(request) for request in self._known.tested]
        existing = frozenset[Goal]().union(*(found.goals for found in own)) & set(plain)
        for request in self._known.others:
            self._offer(request)
        self._seeker.seek([goal for goal in plain if goal not in existing])
        groups = _groups(goals)
        existing = existing.union(*(self._tested_sides(group, own) for group in groups))
        self._shown = set(existing)
        for group in groups:
            self._boundary(group, existing)
        for goal in plain:
            if goal not in self._shown:
                self._plain(goal)
        check = self._probe.check
        missed = [
            Missed(goal, self._namer.goal(goal), reason) for goal, reason in sorted(self._missed.items())
        ]
        return GeneratedRule(
            check.id,
            check.title.zh,
            wanted=tuple(goals),
            existing=tuple(sorted(existing)),
            cases=tuple(self._cases),
            missed=tuple(missed),
            asked=self._probe.asked,
        )

    def _plain(self, goal: Goal) -> None:
        found = self._seeker.best(goal)
        if found is None:
            self._missed[goal] = "not_found"
        else:
            self._write({goal: found}, {goal})

    def _offer(self, request: Request) -> Found:
        return self._seeker.offer(self._probe.fitted(request))

    def _tested_sides(self, group: Mapping[str, Goal], own: Sequence[Found]) -> set[Goal]:
        """The sides of a boundary that tests lie on, or beside by one step."""
        tested = set()
        for side, goal in group.items():
            near = (found for found in own if goal in found.goals)
            if any(side == "=" or self._seeker.beside(found, side, group) for found in near):
                tested.add(goal)
        return tested

    def _boundary(self, group: Mapping[str, Goal], existing: frozenset[Goal]) -> None:
        wanted = {goal for goal in group.values() if goal not in existing}
        if not wanted:
            return
        found = self._seeker.boundary(group)
        around = {group[side]: one for side, one in found.items()}
        on = group.get("=")
        for goal in wanted - around.keys():
            self._missed[goal] = "no_step" if goal is on and len(around) > 1 else "not_found"
        if around:
            self._write(around, wanted & around.keys())

    # --- writing -------------------------------------------------------------------------------

    def _write(self, found: Mapping[Goal, Found], wanted: set[Goal]) -> None:
        """Cases for the wanted goals, made as small as they can be together with those around them."""
        goals = sorted(found, key=lambda goal: (goal.side != "=", goal))
        said = {goal: _sight(found[goal].sights, goal).said for goal in goals}

        def shows(requests: Sequence[Request]) -> bool:
            for goal, request in zip(goals, requests, strict=True):
                sights = self._probe.see(request) or ()
                held = [sight.said for sight in sights if goal in sight.goals]
                if not any(_alike(one, said[goal]) for one in held):
                    return False
            return True

        written = self._smallest([found[goal].request for goal in goals], shows)
        if written is None:
            self._missed.update(dict.fromkeys(wanted, "not_written"))
            return
        base, requests, documents = written
        for goal, request, document in zip(goals, requests, documents, strict=True):
            if goal in wanted and goal not in self._shown:
                self._case(goal, base, request, document)

    def _smallest(
        self, requests: Sequence[Request], shows: Callable[[Sequence[Request]], bool]
    ) -> tuple[str, tuple[Request, ...], list[dict[str, Any]]] | None:
        """The base over which some requests are written most shortly, and what is written over it."""
        best = None
        kind = type(requests[0])
        first = document_of(requests[0])

        def distance(named: tuple[str, Request]) -> tuple[int, str]:
            written = over(document_of(named[1]), first, kind.DESCRIPTOR)
            return leaves(first if written is None else written), named[0]

        of_kind = [(name, base) for name, base in self._known.bases.items() if isinstance(base, kind)]
        of_kind.append(("", kind()))
        for name, base in sorted(of_kind, key=distance)[:_BASES]:
            small = shrunk(requests, base, shows, _TO_SHRINK)
            own = document_of(base)
            documents = [over(own, document_of(request), kind.DESCRIPTOR) for request in small]
            written = [document for document in documents if document is not None]
            if len(written) == len(documents):
                worth = (sum(map(leaves, written)), name)
                if best is None or worth < best[0]:
                    best = (worth, (name, small, written))
        return best[1] if best is not None else None

    def _case(self, goal: Goal, base: str, request: Request, document: dict[str, Any]) -> None:
        sights = self._probe.see(request) or ()
        said = _sight(sights, goal).said
        expect = {
            "outcome": said.outcome,
            "severity": said.severity,
            "reason_code": said.reason,
            "path": said.path,
        }
        expect = {key: value for key, value in expect.items() if value}
        name = self._namer.case(goal, said)
        self._names[name] += 1
        if self._names[name] > 1:
            name = f"{name}（{self._names[name]}）"
        also = frozenset[Goal]().union(*(sight.goals for sight in sights if sight.said == said))
        also = frozenset(other for other in also if other.sort is not Sort.BOUNDARY)
        goals = (goal, *sorted(also - self._shown - {goal}))
        self._cases.append(
            GeneratedCase(name, self._probe.check.id, self._known.region, base, document, expect, goals)
        )
        self._shown |= set(goals)


def _groups(goals: Iterable[Goal]) -> list[dict[str, Goal]]:
    """The boundaries: the sides of each comparison."""
    found: dict[tuple[str, str], dict[str, Goal]] = {}
    for goal in goals:
        if goal.sort is Sort.BOUNDARY:
            number = goal.branch.case.partition(" ")[0]
            found.setdefault((goal.branch.part, number), {})[goal.side] = goal
    return list(found.values())


def _sight(sights: Iterable[Sight], goal: Goal) -> Sight:
    return next(sight for sight in sights if goal in sight.goals)


def _alike(one: Judgement, other: Judgement) -> bool:
    return (one.outcome, one.severity, one.reason) == (other.outcome, other.severity, other.reason)
