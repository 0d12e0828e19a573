"""Which parameters and vocabularies each check of a ruleset reads, found from its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rules_service.model.catalogue import Fact
from rules_service.model.check_documents import CheckDocument
from rules_service.model.decision_table_rows import TableSource
from rules_service.model.fields import Bilingual
from rules_service.model.nodes import Scalar
from rules_service.model.ruleset import LayerSource

__all__ = [
    "PARAMETER",
    "check_texts",
    "codes_named",
    "own_checks",
    "parameters_read",
    "table_parameters",
    "tables_read",
    "vocabularies_read",
]

PARAMETER = re.compile(r"\bparam\.(\w+)")
TABLE = re.compile(r"\btable\.(\w+)")


def own_checks(layer: LayerSource) -> tuple[CheckDocument, ...]:
    """The checks that a layer defines."""
    return layer.overlay.add if layer.overlay is not None else tuple(layer.checks)


def table_parameters(source: TableSource) -> frozenset[str]:
    """The parameters that a decision table names."""
    named = (name for text in source.expressions for name in PARAMETER.findall(text.text))
    return source.parameters.union(named)


def parameters_read(layers: Iterable[LayerSource]) -> dict[str, frozenset[str]]:
    """For each check the parameters named in its conditions and texts, in overlays' changes too.

    Those of the decision tables that it reads, in any layer, are its own; a table itself is ``table.x``.
    """
    known = list(layers)
    by_table: dict[str, frozenset[str]] = {}
    for source in (source for layer in known for source in layer.tables):
        name = source.document.table
        by_table[name] = by_table.get(name, frozenset()) | table_parameters(source)
    tables = tables_read(known)
    return {
        name: frozenset(found for text in texts for found in PARAMETER.findall(text.text)).union(
            *(by_table.get(table, frozenset()) | {f"table.{table}"} for table in tables[name])
        )
        for name, texts in _texts(known).items()
    }


def tables_read(layers: Iterable[LayerSource]) -> dict[str, frozenset[str]]:
    """For each check the decision tables named in its conditions and texts, in overlays' changes too."""
    return {
        name: frozenset(found for text in texts for found in TABLE.findall(text.text))
        for name, texts in _texts(layers).items()
    }


def vocabularies_read(layers: Iterable[LayerSource], facts: Iterable[Fact]) -> dict[str, frozenset[str]]:
    """For each check those of the code facts whose short name, English or Chinese, its texts hold."""
    known = list(facts)
    return {
        name: codes_named("\n".join(item.text for item in texts), known)
        for name, texts in _texts(layers).items()
    }


def codes_named(text: str, facts: Iterable[Fact]) -> frozenset[str]:
    """Those of the facts whose short name, English or Chinese, stands in a text."""
    return frozenset(fact.name for fact in facts if fact.short in text or fact.zh.partition(".")[2] in text)


def _texts(layers: Iterable[LayerSource]) -> dict[str, list[Scalar]]:
    """For each check the conditions and texts that it may have in some region."""
    found: dict[str, list[Scalar]] = {}
    for layer in layers:
        for check in own_checks(layer):
            found.setdefault(check.id, []).extend(check_texts(check))
        if layer.overlay is None:
            continue
        for severity in layer.overlay.severity:
            conditions = [step.when for step in severity.value.levels if step.when is not None]
            found.setdefault(severity.name.text, []).extend(conditions)
        for message in layer.overlay.messages:
            changed = message.value
            cases = (*(changed.message or ()), *(changed.remedy or ()))
            texts = _both((*((changed.title,) if changed.title is not None else ()), *cases))
            texts += [case.when for case in cases if case.when is not None]
            found.setdefault(message.name.text, []).extend(texts)
    return found


def check_texts(check: CheckDocument) -> list[Scalar]:
    """Everything of a check that may name a parameter: conditions, named values and templates."""
    named = (entry.value for entry in check.let)
    return [*named, *check.conditions, *_both((check.title, *check.message, *check.remedy))]


def _both(pairs: Iterable[Bilingual]) -> list[Scalar]:
    return [text for pair in pairs for text in (pair.zh, pair.en)]
