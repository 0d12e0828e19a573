"""Severity ceilings: how high a finding may go, by how well its rule and its values are established.

Of a rule and the value that it needs to fail, the weaker counts; an overlay that names its own document may
raise (docs/rulesets.md, 四).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules_service.compile.view import ParameterValue
from rules_service.model.check_documents import BasisDocument
from rules_service.values.outcomes import SEVERITY_CEILING, Proof, Severity

__all__ = ["basis_proof", "ceiling", "limited", "weakest"]


def basis_proof(basis: Iterable[BasisDocument], *, is_root: bool, chain: Sequence[str]) -> Proof:
    """The best established document of a rule.

    A seed speaks for its own place: in the root layer it counts in full only in chains that hold that place,
    elsewhere as an unverified document.
    """
    proofs = [
        Proof.MEMORY if item.proof is Proof.SEED and is_root and item.place not in chain else item.proof
        for item in basis
    ]
    return max(proofs, key=_rank)


def _rank(proof: Proof) -> int:
    return SEVERITY_CEILING[proof][0]


def ceiling(basis: Proof, parameters: Iterable[ParameterValue], raised_by: Proof | None) -> Proof:
    """The proof that decides how high a severity step may go.

    ``parameters`` are those that the failing condition and the step need. An empty one has no proof, and a
    tolerance of 0 is no value of its own. ``raised_by`` is the document of the overlay that set the
    severities: it lifts, and never lowers.
    """
    values = (item.proof for item in parameters if item.proof is not None and not _is_zero(item.value))
    proof = weakest([basis, *values])
    return proof if raised_by is None else max(proof, raised_by, key=_rank)


def weakest(proofs: Iterable[Proof]) -> Proof:
    """The proof that supports least."""
    return min(proofs, key=_rank)


def _is_zero(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value == 0


def limited(declared: Severity, proof: Proof, service: str) -> Severity:
    """The level that a finding gets: the declared one, or the highest that the proof supports."""
    review, assess = SEVERITY_CEILING[proof]
    return min(declared, assess if service == "assess" else review)
