"""Decision documents speak the closed vocabulary of the decision facts."""

from __future__ import annotations

from rules_service.engine.conclude import FIELDS, INTEGER_FIELDS
from rules_service.model.decision_documents import FACT_FIELDS


def test_kinds_and_fields() -> None:
    """What an author may write is what the concluders match on."""
    assert {kind: tuple(fields) for kind, fields in FACT_FIELDS.items()} == dict(FIELDS)


def test_whole_numbers() -> None:
    """Whole-number fields have the same ranges."""
    ranges = {
        field: allowed
        for fields in FACT_FIELDS.values()
        for field, allowed in fields.items()
        if isinstance(allowed, range)
    }
    assert ranges == dict(INTEGER_FIELDS)
