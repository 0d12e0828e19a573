"""Whether a bundle's decisions lie within what durable-rules can take: checked before they are used."""

from __future__ import annotations

from rules_service.compile.bundle import Bundle
from rules_service.engine.decide import decision_set
from rules_service.inference.limits import LimitDiagnostic, check_limits
from rules_service.model.diagnostics import Diagnostic, DiagnosticSeverity, Source

__all__ = ["decision_faults"]


def decision_faults(bundle: Bundle) -> list[Diagnostic]:
    """Every decision rule that the inference engine must not be given, over all layers and dates."""
    seen: set[str] = set()
    found: dict[tuple[str, str], Diagnostic] = {}
    for layer in bundle.source.layers:
        for day in bundle.days(layer.region) or (1,):
            for documents in bundle.resolver.decisions(layer.region, day).values():
                decisions = decision_set(documents)
                if decisions.hash not in seen:
                    seen.add(decisions.hash)
                    for fault in check_limits(decisions):
                        found.setdefault((fault.code, fault.rule), _diagnostic(fault, bundle))
    return sorted(found.values(), key=lambda item: (item.file, item.line, item.code))


def _diagnostic(fault: LimitDiagnostic, bundle: Bundle) -> Diagnostic:
    place = _place(fault.rule, bundle)
    return Diagnostic(
        fault.code,
        DiagnosticSeverity.ERROR,
        *place,
        fault.zh,
        fault.en,
        fault.cure_zh,
        fault.cure_en,
    )


def _place(rule: str, bundle: Bundle) -> Source:
    """Where a decision rule is written; a fault of the whole set is told of the ruleset's head."""
    for layer in bundle.source.layers:
        for document in layer.decisions:
            if document.id == rule:
                return document.mark.source
    return bundle.source.head.mark.source
