"""The generated set of very many rules is a ruleset without faults, as large as asked for."""

from __future__ import annotations

from pathlib import Path

from bench.loading import measure
from bench.many_rules import write_ruleset
from rules_service.compile.bundle import compile_bundle
from rules_service.compile.sources import read_ruleset

ROOT = Path(__file__).parents[2]
BASE = ROOT / "rulesets"


def test_the_generated_ruleset_is_sound(tmp_path):
    folder = write_ruleset(BASE, tmp_path, 16)
    bundle = compile_bundle(read_ruleset(folder))
    assert bundle.warnings == ()
    [place] = [layer for layer in bundle.source.layers if layer.region == "示例地1"]
    assert place.overlay is not None
    assert len(place.overlay.add) == 16
    found = measure(folder, "示例地1")
    assert found.rules > 16
    assert min(found[1:]) > 0
