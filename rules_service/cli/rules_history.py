"""`rules-service rules history`: who did what, which versions there are, and which process serves which."""

from __future__ import annotations

from collections.abc import Iterable

import click

from rules_service.cli.desk import Seat, desk_verb
from rules_service.cli.desk_telling import SHORT, as_json, event_document, event_line, named, time_words
from rules_service.cli.options import helped
from rules_service.registry.event import Event
from rules_service.registry.log import entries
from rules_service.registry.states import RulesetState
from rules_service.registry.store import Replica

__all__ = ["command"]


@desk_verb("rules history", acting=False)
@click.option("--ruleset", default="", help=helped("help.ruleset"))
@click.option("--version", default="", help=helped("help.history_version"))
@click.option("--replicas", is_flag=True, help=helped("help.replicas"))
def command(seat: Seat, ruleset: str, version: str, *, replicas: bool) -> None:
    """Tell the log and the versions, or the replicas."""
    if replicas:
        _replicas(seat, seat.store.replicas())
        return
    wanted = seat.desk.find(version, ruleset).hash if version else ""
    events = [
        event
        for event in entries(seat.store)
        if ruleset in {"", event.ruleset} and wanted in {"", event.version}
    ]
    states = [state for name, state in sorted(seat.desk.state().rulesets.items()) if ruleset in {"", name}]
    if seat.form == "json":
        documents = [_ruleset_document(seat, state) for state in states]
        as_json({"events": [event_document(event) for event in events], "rulesets": documents})
        return
    _events(seat, events, states)
    for state in states:
        _ruleset(seat, state, wanted)


def _events(seat: Seat, events: Iterable[Event], states: Iterable[RulesetState]) -> None:
    labels = {version.hash: version.label for state in states for version in state.versions.values()}
    for event in events:
        click.echo(event_line(event, labels.get(event.version, ""), seat.words))


def _ruleset(seat: Seat, state: RulesetState, wanted: str) -> None:
    words, now = seat.words, seat.desk.now()
    live = state.live(now)
    click.echo(words("desk.versions", ruleset=state.id))
    for version in state.versions.values():
        if wanted in {"", version.hash}:
            stage = words(f"stage.{state.stage(version.hash, now)}")
            click.echo(words("desk.version", version=named(version), stage=stage))
    if live is None:
        click.echo(words("desk.none_live", ruleset=state.id))
    else:
        click.echo(
            words("desk.live", version=named(state.versions[live.version]), since=time_words(live.since))
        )
    for later in state.scheduled(now):
        click.echo(
            words("desk.later", version=named(state.versions[later.version]), at=time_words(later.since))
        )


def _ruleset_document(seat: Seat, state: RulesetState) -> dict[str, object]:
    now = seat.desk.now()
    live = state.live(now)
    return {
        "ruleset": state.id,
        "live": None if live is None else {"hash": live.version, "since": live.since.isoformat()},
        "scheduled": [{"hash": each.version, "at": each.since.isoformat()} for each in state.scheduled(now)],
        "versions": [
            {
                "hash": version.hash,
                "version": version.label,
                "stage": state.stage(version.hash, now).value,
                "editors": sorted(version.editors),
            }
            for version in state.versions.values()
        ],
    }


def _replicas(seat: Seat, replicas: list[Replica]) -> None:
    words = seat.words
    if seat.form == "json":
        as_json(
            [
                {
                    "name": replica.name,
                    "seen_at": replica.seen_at.isoformat(),
                    "head_seq": replica.head_seq,
                    "live": {
                        name: {"hash": digest, "since": since.isoformat()}
                        for name, (digest, since) in replica.live.items()
                    },
                    "ready": list(replica.ready),
                }
                for replica in replicas
            ]
        )
        return
    if not replicas:
        click.echo(words("desk.no_replicas"))
    for replica in replicas:
        seen = time_words(replica.seen_at)
        click.echo(words("desk.replica", name=replica.name, seen=seen, seq=replica.head_seq))
        for name, (digest, since) in replica.live.items():
            values = {"ruleset": name, "hash": digest[:SHORT], "since": time_words(since)}
            click.echo(words("desk.serves", **values))
