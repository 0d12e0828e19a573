"""Subjects of one request: their messages, and the paths by which a host finds their cells."""

from __future__ import annotations

from typing import Any

from rules_service.facts.extract import FactSet

__all__ = ["CHAINS", "Places", "depth"]

Indices = tuple[int, ...]

CHAINS: dict[str, tuple[str, ...]] = {
    "project": ("project",),
    "report": ("report",),
    "goal": ("goal", "project"),
    "indicator": ("indicator", "goal", "project"),
    "item": ("item", "project"),
    "actual": ("actual", "report"),
}
"""Each subject and those around it, innermost first."""

_IDS = {
    "project": "project_code",
    "goal": "goal_id",
    "indicator": "indicator_id",
    "item": "item_id",
    "report": "report_id",
    "actual": "indicator_id",
}


def depth(subject: str, around: str) -> int | None:
    """How many indices fewer ``around`` has than ``subject``; ``None`` if it is not around it."""
    chain = CHAINS[subject]
    return chain.index(around) if around in chain else None


class Places:
    """Finds messages and paths by subject and indices; each is worked out once."""

    def __init__(self, facts: FactSet) -> None:
        root = facts.root
        self._is_review = facts.source.is_review
        self._goals = root.project.goals if self._is_review else getattr(root, "goals", ())
        self._project = root.project
        self._report = getattr(root, "report", None)
        self._known: dict[tuple[str, Indices], tuple[Any, str]] = {}

    def find(self, subject: str, indices: Indices) -> tuple[Any, str]:
        """The message of a subject and its path: ``project.goals[0].indicators[3]``."""
        key = (subject, indices)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(subject, indices)
        return found

    def id_of(self, subject: str, indices: Indices) -> str:
        """The identifier that the host gave the subject."""
        message = self.find(subject, indices)[0]
        return str(getattr(message, _IDS[subject]))

    def _find(self, subject: str, indices: Indices) -> tuple[Any, str]:
        if subject == "project":
            return self._project, "project"
        if subject == "goal":
            place = "project.goals" if self._is_review else "goals"
            return self._goals[indices[0]], f"{place}[{indices[0]}]"
        if subject == "indicator":
            goal, place = self.find("goal", indices[:1])
            return goal.indicators[indices[1]], f"{place}.indicators[{indices[1]}]"
        if subject == "item":
            return self._project.cost_items[indices[0]], f"project.cost_items[{indices[0]}]"
        if subject == "actual":
            actuals: Any = getattr(self._report, "indicator_actuals", ())
            return actuals[indices[0]], f"report.indicator_actuals[{indices[0]}]"
        return self._report, "report"
