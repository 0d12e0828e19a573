"""Which parameters each check of a ruleset reads, found from its texts, whatever the region."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules_service.model.check_documents import CheckDocument
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import LayerSource

__all__ = ["check_texts", "own_checks", "parameters_read"]

_PARAMETER = re.compile(r"\bparam\.(\w+)")


def own_checks(layer: LayerSource) -> tuple[CheckDocument, ...]:
    """The checks that a layer defines."""
    return layer.overlay.add if layer.overlay is not None else tuple(layer.checks)


def parameters_read(layers: Iterable[LayerSource]) -> dict[str, frozenset[str]]:
    """For each check the parameters named in its conditions and texts, in overlays' changes too."""
    found: dict[str, set[str]] = {}
    for layer in layers:
        for check in own_checks(layer):
            found.setdefault(check.id, set()).update(_names(check_texts(check)))
        if layer.overlay is None:
            continue
        for severity in layer.overlay.severity:
            conditions = [step.when for step in severity.value.levels if step.when is not None]
            found.setdefault(severity.name.text, set()).update(_names(conditions))
        for message in layer.overlay.messages:
            pairs = (message.value.title, message.value.message, message.value.remedy)
            texts = [text for pair in pairs if pair is not None for text in (pair.zh, pair.en)]
            found.setdefault(message.name.text, set()).update(_names(texts))
    return {name: frozenset(parameters) for name, parameters in found.items()}


def check_texts(check: CheckDocument) -> list[Scalar]:
    """Everything of a check that may name a parameter: conditions, named values and templates."""
    texts = [entry.value for entry in check.let]
    conditions = [check.applies_when, check.fails_when]
    conditions += [step.when for step in check.severity]
    conditions += [reason.when for reason in check.reason_code]
    if check.suggestion is not None:
        conditions += [check.suggestion.reference_value, check.suggestion.standard_id]
    for pair in (check.title, check.message, check.remedy):
        texts += [pair.zh, pair.en]
    return [*texts, *(text for text in conditions if text is not None)]


def _names(texts: Iterable[Scalar]) -> set[str]:
    return {name for text in texts for name in _PARAMETER.findall(text.text)}
