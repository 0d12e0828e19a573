"""Whether an exemption is claimed, and whether the claim is documented."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rules_service.facts.context import FactContext
from rules_service.facts.fields import plain_fact
from rules_service.facts.missing import Missing
from rules_service.facts.source import Source
from rules_service.facts.text import normalise
from rules_service.values.outcomes import MissingReason

__all__ = ["NO_EXEMPTION", "Exemption", "ExemptionState", "read_exemption"]


class ExemptionState(StrEnum):
    """Only a proven exemption exempts; an unproven one leaves the exempt checks undecided."""

    NONE = "NONE"
    UNPROVEN = "UNPROVEN"
    PROVEN = "PROVEN"


@dataclass(frozen=True, slots=True)
class Exemption:
    """The claim of a project; ``lacking`` names what an unproven one lacks (EXEMPTION_UNPROVEN).

    ``reason`` is the code claimed, ``None`` if blank or unknown.
    """

    state: ExemptionState
    reason: str | None = None
    lacking: tuple[Missing, ...] = ()


NO_EXEMPTION = Exemption(ExemptionState.NONE)
_PROOFS = ("approval_no", "approver")


def read_exemption(source: Source, context: FactContext) -> Exemption:
    """Read ``project.exempt``; a claim with nothing in it, or that the host can't hold, is none."""
    claim = source.project.exempt
    if not claim.ByteSize() or not source.holds("project", ("exempt",)):
        return NO_EXEMPTION
    raw = claim.reason if source.holds("project", ("exempt", "reason")) else ""
    reason = context.code("project.exempt.reason", raw)
    lacking = [] if reason in context.exempt_reasons else ["reason"]
    lacking += [
        name
        for name in _PROOFS
        if not source.holds("project", ("exempt", name))
        or context.is_placeholder(normalise(getattr(claim, name)))
    ]
    if not lacking:
        return Exemption(ExemptionState.PROVEN, reason)
    missing = tuple(_lacking(name) for name in lacking)
    return Exemption(ExemptionState.UNPROVEN, reason, missing)


def _lacking(name: str) -> Missing:
    fact = plain_fact(f"project.exempt.{name}").fact
    return Missing(MissingReason.EXEMPTION_UNPROVEN, f"project.{fact.field}", fact.name)
