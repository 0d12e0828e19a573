"""Why a fact has no value: what computing functions return, and what the slow path reports."""

from __future__ import annotations

from dataclasses import dataclass

from rules_service.values.outcomes import MissingReason

__all__ = ["Absent", "Missing", "because"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact without a value: why, at which field of the request, and which fact is to blame.

    ``path`` is rooted at ``project``, ``goals``, ``report`` or ``context``; ``name`` is the name of
    the fact that the value depends on and that is itself missing (often the fact asked for).
    """

    reason: MissingReason
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Absent:
    """What a computing function returns instead of a value.

    Either ``reason`` says why the function itself has no answer, or ``of`` names the input that is
    missing (its own reason counts then).  ``at`` is a suffix of the path: ``[2].effective_date``;
    ``indices`` locate an element of another subject, where ``of`` belongs to one.
    """

    reason: MissingReason | None = None
    of: str = ""
    at: str = ""
    indices: tuple[int, ...] | None = None

    @property
    def present(self) -> bool | None:
        """Whether something was sent all the same; ``None`` where only the input can tell."""
        return None if self.reason is None else self.reason is not MissingReason.NOT_SENT


def because(of: str) -> Absent:
    """The value is missing because the input ``of`` is."""
    return Absent(of=of)
