"""Decision rules and verdict maps of a view, as plain data for the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rules_service.compile.texts import words
from rules_service.compile.view import (
    BasisDoc,
    ConditionDoc,
    DecisionDoc,
    VerdictDoc,
    VerdictMap,
)
from rules_service.model.check_documents import BasisDocument
from rules_service.model.decision_documents import DecisionDocument, VerdictMapDocument
from rules_service.model.ruleset import LayerSource

__all__ = ["basis_docs", "decision_docs", "verdict_maps"]


def basis_docs(basis: Iterable[BasisDocument], chain: Sequence[str]) -> tuple[BasisDoc, ...]:
    """The documents that speak for a region chain; those of other places only if there is no other."""
    documents = list(basis)
    near = [item for item in documents if item.place is None or item.place in chain]
    return tuple(
        BasisDoc(item.document, item.article or "", item.proof, words(item.note) if item.note else None)
        for item in near or documents
    )


def decision_docs(layers: Sequence[LayerSource], service: str) -> tuple[DecisionDoc, ...]:
    """The decision rules of a service; a lower layer's rule replaces the one of the same id."""
    chain = [layer.region for layer in layers]
    found: dict[str, DecisionDoc] = {}
    for layer in layers:
        for document in layer.decisions:
            if document.service == service:
                found[document.id] = _decision(document, chain)
    return tuple(found.values())


def _decision(document: DecisionDocument, chain: Sequence[str]) -> DecisionDoc:
    then = document.then
    return DecisionDoc(
        id=document.id,
        service=document.service,
        title=words(document.title),
        when=tuple(
            ConditionDoc(condition.alias or f"fact{number}", condition.kind, condition.tests)
            for number, condition in enumerate(document.when, start=1)
        ),
        joins=document.joins,
        decision=then.decision.value if then.decision is not None else None,
        level=then.level.name if then.level is not None else None,
        action=then.action.value if then.action is not None else None,
        tag=then.tag,
        priority=document.priority,
        basis=basis_docs(document.basis, chain),
    )


def verdict_maps(layers: Iterable[LayerSource]) -> dict[str, VerdictMap]:
    """All verdict maps of the layers by id; a lower layer's map replaces the one of the same id."""
    return {document.id: _verdict_map(document) for layer in layers for document in layer.verdict_maps}


def _verdict_map(document: VerdictMapDocument) -> VerdictMap:
    return VerdictMap(
        id=document.id,
        title=words(document.title),
        verdicts={
            entry.name.text: VerdictDoc(entry.value.grade or "", words(entry.value.label))
            for entry in document.verdicts
        },
        ungraded=words(document.ungraded),
    )
