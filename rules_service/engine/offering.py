"""Reference values of an answer: what the place offers for its cells, in a part of its own."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.engine.places import Places
from rules_service.engine.prepared import Language, Prepared
from rules_service.facts.extract import FactSet
from rules_service.model.catalogue import Catalogue
from rules_service.pb.budget.rules.v1 import result_pb2

__all__ = ["reference_values"]


def reference_values(
    prepared: Prepared, facts: FactSet, language: Language
) -> Iterator[result_pb2.ReferenceValue]:
    """What is offered for a request; nothing where the place does not offer, or the project is classified."""
    if not prepared.view.fact_context.offers_values or facts.root.project.classified:
        return
    places, catalogue = Places(facts), Catalogue.load()
    for offer in prepared.extractor.offers(facts):
        note = prepared.text(f"offer.{offer.kind}", language)
        if not offer.is_binding:
            note += prepared.text("offer.reference", language)
        if offer.is_sample:
            note += prepared.text("offer.sample", language)
        yield result_pb2.ReferenceValue(
            subject_kind=offer.subject,
            subject_id=places.id_of(offer.subject, offer.indices),
            path=f"{places.find(offer.subject, offer.indices)[1]}.{catalogue[offer.fact].field}",
            kind=offer.kind,
            name=offer.name,
            value=offer.value,
            value_to=offer.value_to,
            unit=offer.unit,
            standard_id=offer.source_id,
            document=offer.document,
            proof=offer.proof.value,
            proof_words=prepared.text(f"proof.{offer.proof.value}", language),
            effective_from=offer.effective_from,
            is_sample=offer.is_sample,
            is_binding=offer.is_binding,
            note=note,
        )
