"""Versions, log entries and diagnostics as messages of the contract."""

from __future__ import annotations

from typing import Final

from rules_service.model.diagnostics import Diagnostic
from rules_service.pb.budget.rules.v1 import ruleset_service_pb2 as pb
from rules_service.registry.event import Body, Event, canonical_body, time_text
from rules_service.registry.states import Activation, Check, Deed, Stage, Version
from rules_service.server.words import Language

__all__ = ["STAGES", "diagnostic_message", "entry_message", "order_message", "version_message"]

STAGES: Final = {stage: pb.RulesetStage.Value(f"RULESET_STAGE_{stage.value.upper()}") for stage in Stage}
"""The contract's numbers of the stages."""

_LEVELS: Final = {
    True: pb.DIAGNOSTIC_LEVEL_ERROR,
    False: pb.DIAGNOSTIC_LEVEL_WARNING,
}


def version_message(version: Version, stage: Stage, checked: Body | None) -> pb.RulesetVersion:
    """A version at a stage; ``checked`` is what the log says of its last check."""
    made = pb.RulesetVersion(
        ruleset=version.ruleset,
        version=version.label,
        hash=version.hash,
        stage=STAGES[stage],
        editors=sorted(version.editors),
        drafted=_deed(version.drafted),
    )
    if version.check is not None:
        made.check.CopyFrom(_check(version.check, checked or {}))
    if version.publication is not None:
        made.published.CopyFrom(_deed(version.publication.deed))
    for name in ("approval", "rejection", "retirement"):
        deed = getattr(version, name)
        if deed is not None:
            field = {"approval": "approved", "rejection": "rejected", "retirement": "retired"}[name]
            getattr(made, field).CopyFrom(_deed(deed))
    return made


def _deed(deed: Deed) -> pb.Deed:
    return pb.Deed(seq=deed.seq, at=time_text(deed.at), actor=deed.actor, note=deed.note)


def _check(check: Check, body: Body) -> pb.CheckSummary:
    counts = {
        name: body[name]
        for name in ("errors", "warnings", "tests", "failures")
        if isinstance(body.get(name), int)
    }
    share = check.newly_failing_share
    return pb.CheckSummary(
        deed=_deed(check.deed),
        ok=check.ok,
        codes=[code for code in body.get("codes", ()) if isinstance(code, str)],
        newly_failing_share="" if share is None else f"{share:f}",
        **counts,
    )


def order_message(order: Activation) -> pb.ActivationOrder:
    """By which order a version answers, or will."""
    return pb.ActivationOrder(hash=order.version, since=time_text(order.since), seq=order.seq)


def entry_message(event: Event, doubt: Diagnostic | None = None) -> pb.LogEntry:
    """An entry of the log, and why it does not count."""
    return pb.LogEntry(
        seq=event.seq,
        hash=event.hash,
        prev_hash=event.prev_hash,
        at=time_text(event.at),
        actor=event.actor,
        role=event.role,
        step=pb.RulesetStep.Value(f"RULESET_STEP_{event.kind.value.upper()}"),
        ruleset=event.ruleset,
        version_hash=event.version,
        body_json=canonical_body(event.body),
        key_id=event.key_id,
        signature=event.signature,
        doubt="" if doubt is None else doubt.code,
    )


def diagnostic_message(found: Diagnostic, language: Language) -> pb.RulesetDiagnostic:
    """What is wrong with a file, where, and what cures it."""
    text, cure = (found.en, found.cure_en) if language == "en" else (found.zh, found.cure_zh)
    return pb.RulesetDiagnostic(
        code=found.code,
        level=_LEVELS[found.is_error],
        file=found.file,
        line=found.line,
        column=found.column,
        text=text,
        cure=cure,
    )
