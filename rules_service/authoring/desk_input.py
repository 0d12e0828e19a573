"""What the policy desk takes from people: names and notes, the head of a draft, the share of an impact."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rules_service.model.diagnostics import Diagnostics
from rules_service.model.nodes import Scalar
from rules_service.model.reader import read_yaml
from rules_service.model.validation import CATALOGUE as READING
from rules_service.registry.faults import RefusedError

__all__ = ["impact_body", "named_head", "require_texts"]

_MOST_NOTE = 2000
_MOST_ACTOR = 100
_HEAD = "ruleset.yaml"


def named_head(files: Mapping[str, bytes]) -> tuple[str, str]:
    """Id and version in the head of a ruleset.  Raises ``RefusedError``."""
    found = Diagnostics(READING)
    node = read_yaml(_HEAD, files.get(_HEAD, b""), found)
    head = node if isinstance(node, dict) else {}
    named = [head.get("id"), head.get("version")]
    texts = [item.text.strip() for item in named if isinstance(item, Scalar)]
    if len(texts) != len(named) or not all(texts):
        raise RefusedError("DRAFT-UNNAMED", _HEAD)
    require_texts(*texts)
    return texts[0], texts[1]


def impact_body(impact: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the log says of an impact.  Raises ``RefusedError`` for one without a share."""
    if impact is None:
        return {}
    share = impact.get("newly_failing_share")
    try:
        number = Decimal(share) if isinstance(share, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite() or not 0 <= number <= 1:
        raise RefusedError("IMPACT-SHARE", value=str(share)[:40])
    return {"impact": dict(impact), "newly_failing_share": share}


def require_texts(actor: str, *texts: str) -> None:
    """Names and notes are short and hold no control characters, which would spoil every listing.

    Raises ``RefusedError``.
    """
    for text, most in [(actor, _MOST_ACTOR), *((text, _MOST_NOTE) for text in texts)]:
        if len(text) > most or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
            raise RefusedError("TEXT-UNFIT", text=text[:20].encode("unicode_escape").decode(), most=most)
