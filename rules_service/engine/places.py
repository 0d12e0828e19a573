"""Subjects of one request: their messages, and the paths by which a host finds their cells."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from rules_service.facts.extract import FactSet
from rules_service.model.catalogue import Catalogue
from rules_service.model.subjects import SUBJECTS

__all__ = ["UNSENT", "Places", "depth"]

Indices = tuple[int, ...]

UNSENT = "project.score_sheets"
"""The place of a score sheet of which nothing was sent; it has no cells of its own."""


def depth(subject: str, around: str) -> int | None:
    """How many indices fewer ``around`` has than ``subject``; ``None`` if it is not around it."""
    chain = SUBJECTS[subject].around
    return chain.index(around) if around in chain else None


class Places:
    """Finds messages and paths by subject and indices; each is worked out once."""

    def __init__(self, facts: FactSet) -> None:
        self._request = facts.root
        self._made = facts.made
        self._is_review = facts.source.is_review
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
        field = SUBJECTS[subject].id_field
        return str(getattr(self.find(subject, indices)[0], field)) if field else ""

    def list_path(self, subject: str, around: Indices) -> str:
        """Where a subject's list stands: ``project.goals[0].indicators``."""
        row = SUBJECTS[subject]
        if row.in_assessment and not self._is_review:
            return row.in_assessment
        return f"{self.find(row.parent, around)[1]}.{_field(subject)}"

    def _find(self, subject: str, indices: Indices) -> tuple[Any, str]:
        row = SUBJECTS[subject]
        if not row.parent:
            return getattr(self._request, subject, None), subject
        if row.by_engine:
            return self._made[indices[-1]]
        around = indices[:-1]
        if row.in_assessment and not self._is_review:
            listed = getattr(self._request, row.in_assessment)
        else:
            listed = attrgetter(_field(subject))(self.find(row.parent, around)[0])
        return listed[indices[-1]], f"{self.list_path(subject, around)}[{indices[-1]}]"


def _field(subject: str) -> str:
    """The field of a subject's list, as its parent's message has it."""
    return Catalogue.load()[SUBJECTS[subject].list_fact].field
