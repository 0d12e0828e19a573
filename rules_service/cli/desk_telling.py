"""Tells what was done at the policy desk, what was refused, and what stands in the log: sentences or JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import click

from rules_service.authoring.desk import Done
from rules_service.cli.words import Words
from rules_service.model.diagnostics import Diagnostic
from rules_service.registry.event import Event, time_of
from rules_service.registry.states import Version
from rules_service.values.dates import CHINA_TIME

__all__ = [
    "SHORT",
    "as_json",
    "event_document",
    "event_line",
    "named",
    "tell_done",
    "tell_fault",
    "time_words",
]

SHORT = 12
"""Digits of a hash that people are shown; enough for a pin."""


def as_json(document: object) -> None:
    """Write one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def time_words(at: datetime) -> str:
    """A time as people in China read it."""
    return at.astimezone(CHINA_TIME).strftime("%Y-%m-%d %H:%M:%S")


def named(version: Version) -> str:
    """A version as people call it: ruleset, label and the beginning of its hash."""
    return f"{version.ruleset} {version.label} {version.hash[:SHORT]}"


def tell_done(done: Done, words: Words, form: str) -> None:
    """Tell of a step that was done, or that there was nothing to do."""
    version = done.version
    if form == "json":
        document: dict[str, Any] = {
            "ruleset": version.ruleset,
            "version": version.label,
            "hash": version.hash,
            "stage": done.stage.value,
            "event": event_document(done.event) if done.event is not None else None,
        }
        as_json(document)
        return
    stage = words(f"stage.{done.stage}")
    if done.event is None:
        click.echo(words("desk.nothing", version=named(version), stage=stage))
        return
    click.echo(event_line(done.event, version.label, words))
    click.echo(words("desk.now", version=named(version), stage=stage))


def tell_fault(fault: Diagnostic, words: Words, form: str) -> None:
    """Tell why something was not done."""
    if form == "json":
        texts = {"zh": fault.zh, "en": fault.en, "cure_zh": fault.cure_zh, "cure_en": fault.cure_en}
        as_json({"refused": fault.code, "place": fault.file, **texts})
        return
    text, cure = (fault.en, fault.cure_en) if words.language == "en" else (fault.zh, fault.cure_zh)
    click.echo(words("desk.refused", code=fault.code, text=text, cure=cure), err=True)


def event_document(event: Event) -> dict[str, Any]:
    """An entry of the log as JSON."""
    return {
        "seq": event.seq,
        "hash": event.hash,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "role": event.role,
        "kind": event.kind.value,
        "ruleset": event.ruleset,
        "version": event.version,
        "body": dict(event.body),
        "key_id": event.key_id,
    }


def event_line(event: Event, label: str, words: Words) -> str:
    """An entry of the log as a sentence."""
    version = f"{event.ruleset} {label} {event.version[:SHORT]}".replace("  ", " ")
    parts = [
        words(
            "desk.event",
            seq=event.seq,
            at=time_words(event.at),
            actor=event.actor,
            step=words(f"step.{event.kind}"),
            version=version,
        )
    ]
    body = event.body
    if body.get("live_from"):
        parts.append(words("desk.from", at=time_words(time_of(body["live_from"]))))
    if "ok" in body:
        key = "desk.check_ok" if body["ok"] is True else "desk.check_failed"
        counts = {name: body.get(name, 0) for name in ("errors", "warnings", "tests", "failures")}
        parts.append(words(key, **counts))
    if body.get("newly_failing_share"):
        parts.append(words("desk.share", share=body["newly_failing_share"]))
    parts += [
        words("desk.confirmed", code=code, reason=why) for code, why in body.get("confirmed", {}).items()
    ]
    if body.get("note"):
        parts.append(words("desk.note", note=body["note"]))
    return words("desk.part").join(parts) + words("desk.stop")
