"""The shipped ruleset compiles without errors, in every region and on every date on which it changes."""

from __future__ import annotations

from pathlib import Path

from rules_service.compile.bundle import compile_bundle, load_bundle
from rules_service.compile.sources import read_ruleset

RULESETS = Path(__file__).parents[2] / "rulesets"


def test_shipped_ruleset() -> None:
    """It compiles, every view can be made, and its bundle file loads to the same hash."""
    bundle = compile_bundle(read_ruleset(RULESETS))
    for layer in bundle.source.layers:
        for day in (1, *bundle.days(layer.region)):
            view = bundle.view(layer.region, day)
            assert [check.number for check in view.checks] == list(range(len(view.checks)))
            assert view.verdict_map in view.verdict_maps
    assert load_bundle(bundle.dump()).hash == bundle.hash


def test_every_named_value_has_a_name_for_people() -> None:
    """Rulebooks and answers show it; an English identifier says nothing to a clerk."""
    source = read_ruleset(RULESETS)
    checks = [check for layer in source.layers for check in layer.checks]
    checks += [check for layer in source.layers if layer.overlay for check in layer.overlay.add]
    unnamed = [
        (check.id, entry.name.text)
        for check in checks
        for entry in check.let
        if entry.name.text not in {named.name.text for named in check.names}
    ]
    assert unnamed == []
