"""What becomes of one project under two versions: small rows that processes can hand to each other."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ALERTS", "Fact", "Reason", "Row", "Standing", "is_newly_failing", "rank"]

_RANKS: Final = {
    "UNSPECIFIED": 0, "EXEMPT": 0, "APPROVE": 0, "NOT_DECIDED": 0, "INFO": 0, "MANUAL": 1,
    "APPROVE_AFTER_FIX": 1, "YELLOW": 1, "RETURN": 2, "ORANGE": 2, "BAR": 3, "RED": 3,
}  # fmt: skip
ALERTS: Final = ("YELLOW", "ORANGE", "RED")
_FAILING: Final = 2


class Standing(NamedTuple):
    """How a project stands: decision of a review or level of a report, and the place's word for it."""

    word: str
    grade: str


class Fact(NamedTuple):
    """A rule's findings of one outcome and level in an answer, and how many."""

    rule: str
    outcome: str
    level: str
    times: int


class Reason(NamedTuple):
    """Why a project stands otherwise: a rule whose findings changed.

    ``before`` and ``after`` are its findings in short (blank for none), ``message`` what the failing side
    says, ``parameters`` those of its parameters that changed, in words.
    """

    rule: str
    title: str
    before: str
    after: str
    message: str
    parameters: tuple[str, ...]


class Row(NamedTuple):
    """One project under two versions.

    ``amount_fen`` is ``None`` where it is unknown; ``gained`` and ``lost`` are findings that only the new or
    only the old version has; ``reasons`` are told of those that stand otherwise. ``same`` means that the
    second answer was not needed; ``differs_from_record`` that the old version does not give what is stored.
    """

    place: str
    service: str
    region: str
    department: str
    amount_fen: int | None
    old: Standing
    new: Standing
    gained: tuple[Fact, ...]
    lost: tuple[Fact, ...]
    reasons: tuple[Reason, ...]
    same: bool
    differs_from_record: bool

    @property
    def flips(self) -> bool:
        """Whether the project stands otherwise, in the engine's words or the place's."""
        return self.old != self.new


def rank(word: str) -> int:
    """How bad a decision or level is; the higher, the worse."""
    return _RANKS[word]


def is_newly_failing(row: Row) -> bool:
    """Whether a project is returned or barred, or a report orange or red, that stood better before."""
    return rank(row.new.word) >= _FAILING and rank(row.new.word) > rank(row.old.word)
