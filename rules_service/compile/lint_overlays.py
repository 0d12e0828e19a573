"""Faults of overlays: changes of what is not there, changes without effect, and broken locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pydantic_core import PydanticCustomError

from rules_service.compile.locks import LockSet, check_parameter_locks
from rules_service.compile.parameters import Parameters
from rules_service.compile.reading import own_checks
from rules_service.compile.texts import collector
from rules_service.compile.view import ViewSeverity
from rules_service.model.check_documents import CheckDocument, SeverityDocument, TextDocument, check_levels
from rules_service.model.diagnostics import Diagnostic, Diagnostics, Source
from rules_service.model.fields import Bilingual
from rules_service.model.overlay_documents import OverlayDocument
from rules_service.model.ruleset import LayerSource
from rules_service.model.validation import CATALOGUE
from rules_service.values.outcomes import Proof

__all__ = ["lint_overlay", "not_lowered"]


def lint_overlay(
    chain: Sequence[LayerSource], parameters: Parameters, reads: Mapping[str, frozenset[str]]
) -> list[Diagnostic]:
    """Faults of the last layer of a chain, seen from the layers above it."""
    found = collector()
    *above, layer = chain
    overlay = layer.overlay
    if overlay is None:
        return []
    inherited = {check.id: check for upper in above for check in own_checks(upper)}
    own = {check.id for check in overlay.add}
    _severities(overlay, inherited, own, found)
    _targets(overlay, inherited, found)
    _same_texts(overlay, inherited, found)
    _documents(overlay, found)
    _lock_names(overlay, {*inherited, *own}, chain, parameters, found)
    _locked(overlay, layer, LockSet.of(above, dict(reads)), found)
    check_parameter_locks(chain, parameters, dict(reads), found)
    _same_values(chain, parameters, found)
    return found.in_order()


def _severities(
    overlay: OverlayDocument, inherited: Mapping[str, CheckDocument], own: set[str], found: Diagnostics
) -> None:
    for entry in overlay.severity:
        name, place = entry.name.text, entry.name.source
        check = inherited.get(name)
        if check is None:
            found.add("OVERLAY-OWN-RULE" if name in own else "OVERLAY-UNKNOWN-RULE", place, id=name)
            continue
        try:
            check_levels(entry.value.levels, check.service)
        except PydanticCustomError as error:
            found.extend([CATALOGUE.diagnostic(error.type, place, **(error.context or {}))])
        if _said(entry.value.levels) == _said(check.severity) and entry.value.document is None:
            found.add("OVERLAY-SAME", place, id=name)
        if entry.value.proof is not None and entry.value.document is None:
            found.add("SET-PROOF-WITHOUT-DOCUMENT", place, proof=entry.value.proof)


def _said(levels: Sequence[SeverityDocument]) -> list[tuple[int, str]]:
    return [(step.level, step.when.text if step.when is not None else "") for step in levels]


def _same_texts(overlay: OverlayDocument, inherited: Mapping[str, CheckDocument], found: Diagnostics) -> None:
    """A text that repeats that of the check itself overrides nothing."""
    for entry in overlay.messages:
        check = inherited.get(entry.name.text)
        for part in ("title", "message", "remedy") if check is not None else ():
            own = getattr(entry.value, part)
            if own is not None and _texts(own) == _texts(getattr(check, part)):
                found.add("OVERLAY-TEXT-SAME", entry.value.mark.key(part), id=entry.name.text, part=part)


def _texts(said: Bilingual | Sequence[TextDocument]) -> list[tuple[str, str, str]]:
    """A text, or the texts by case with their conditions."""
    cases = [said] if isinstance(said, Bilingual) else said
    whens = [one.when if isinstance(one, TextDocument) else None for one in cases]
    return [
        (when.text if when is not None else "", one.zh.text, one.en.text)
        for when, one in zip(whens, cases, strict=True)
    ]


def _targets(overlay: OverlayDocument, inherited: Mapping[str, CheckDocument], found: Diagnostics) -> None:
    named = [(entry.name.text, entry.name.source) for entry in overlay.messages]
    named += [(off.rule, off.mark.value("rule")) for off in overlay.off]
    own = {check.id for check in overlay.add}
    for name, place in named:
        if name not in inherited:
            found.add("OVERLAY-OWN-RULE" if name in own else "OVERLAY-UNKNOWN-RULE", place, id=name)


def _documents(overlay: OverlayDocument, found: Diagnostics) -> None:
    known = {document.id for document in overlay.documents}
    named = [(entry.value.document, entry.value.mark.value("document")) for entry in overlay.severity]
    named += [(off.document, off.mark.value("document")) for off in overlay.off]
    for name, place in named:
        if name is not None and name not in known:
            found.add("UNKNOWN-DOCUMENT", place, document=name)
    for document in overlay.documents:
        if document.proof is Proof.ENGINEERING:
            found.add("DOCUMENT-ENGINEERING", document.mark.value("proof"), document=document.id)


def _lock_names(
    overlay: OverlayDocument,
    checks: set[str],
    chain: Sequence[LayerSource],
    parameters: Parameters,
    found: Diagnostics,
) -> None:
    lock = overlay.lock
    visible = parameters.visible([item.region for item in chain])
    tables = {name for item in chain for name, _ in _tables(item)}
    for key, names, known in (
        ("parameters", lock.parameters, set(visible)),
        ("checks", lock.checks, checks),
        ("severities", lock.severities, checks),
        ("tables", lock.tables, tables),
    ):
        for name in names:
            if name not in known:
                found.add("LOCK-UNKNOWN", lock.mark.value(key), name=name)


def _tables(layer: LayerSource) -> list[tuple[str, Source]]:
    """The tables of a layer by the names for locks: vocabularies, trees, decision tables, sheets, files ….

    A sheet that stands instead of another changes that table.
    """
    tables = [(item.vocabulary, item.mark.source) for item in layer.vocabularies]
    tables += [(item.tree, item.mark.source) for item in layer.trees]
    tables += [(item.content_set, item.mark.source) for item in layer.content_sets]
    tables += [(item.id, item.mark.source) for item in layer.score_sheets]
    tables += [(item.document.table, item.document.mark.source) for item in layer.tables]
    tables += [(name.text, name.source) for item in layer.score_sheets for name in item.instead_of]
    files = {row.source.file: row.source for row in reversed(layer.standards)}
    files |= {name: Source(f"{layer.folder}/wordlists/{name}", 1, 1) for name in layer.wordlists}
    if layer.default_operators:
        name = "default_operators.csv"
        files[name] = Source(f"{layer.folder}/wordlists/{name}", 1, 1)
    return [*tables, *((PurePosixPath(name).stem, place) for name, place in files.items())]


def _locked(overlay: OverlayDocument, layer: LayerSource, locks: LockSet, found: Diagnostics) -> None:
    for off in overlay.off:
        if off.rule in locks.checks:
            found.add("LOCK-CHECK-OFF", off.mark.source, id=off.rule, layer=locks.checks[off.rule])
    for name, place in _tables(layer):
        if name in locks.tables:
            found.add("LOCK-TABLE", place, name=name, layer=locks.tables[name])


def not_lowered(above: Sequence[tuple[str, ViewSeverity]], own: Sequence[tuple[str, ViewSeverity]]) -> bool:
    """Whether a severity list is nowhere below another; steps are (condition text, severity after ceilings).

    Each inherited step must find its condition again at its level or higher, or lie within what always holds.
    """
    always = own[-1][1].level
    if always < above[-1][1].level:
        return False
    kept = {when: step.level for when, step in reversed(own)}
    return all(step.level <= max(always, kept.get(when, always)) for when, step in above)


def _same_values(chain: Sequence[LayerSource], parameters: Parameters, found: Diagnostics) -> None:
    """A value that only repeats what is inherited overrides nothing, unless it gives another proof."""
    *above, layer = chain
    regions = [item.region for item in above]
    for name, definition in parameters.visible(regions).items():
        for dated in definition.by_region.get(layer.region, ()):
            inherited = definition.in_force(regions, dated.start)
            if inherited is None:
                continue
            other = inherited[1]
            if (other.value, other.operator, other.proof) == (dated.value, dated.operator, dated.proof):
                found.add("OVERLAY-SAME", dated.place, id=name)
