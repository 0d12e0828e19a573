"""How large a request may be.  Engineering defaults: no document prescribes them."""

from __future__ import annotations

from dataclasses import dataclass

from rules_service.values.numbers import MAX_MONEY_FEN

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits of a request's structure, far above real ones (≈13 indicators, 20–50 items a project).

    ``judgements`` bounds opinions and evaluations, each of which is compared with all others.
    ``text`` and ``identifier`` count UTF-16 units, as Java does; ``others`` bounds every list that is
    not named here; ``violations`` how many faults of one request are reported.  The fiscal years are
    those for which a date can be meant seriously; outside them a typing error is certain.
    """

    goals: int = 50
    indicators: int = 200
    items: int = 2_000
    history: int = 20_000
    judgements: int = 200
    others: int = 1_000
    text: int = 20_000
    identifier: int = 200
    money_fen: int = MAX_MONEY_FEN
    first_year: int = 1990
    last_year: int = 2100
    violations: int = 200

    def of_list(self, name: str) -> int:
        """The limit of the list in a field of this name."""
        named = {
            "goals": self.goals,
            "indicators": self.indicators,
            "cost_items": self.items,
            "history": self.history,
            "evaluations": self.judgements,
            "reviews": self.judgements,
            "indicator_actuals": self.goals * self.indicators,
        }
        return named.get(name, self.others)
