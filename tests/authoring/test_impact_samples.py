"""Planted changes over the samples: the flips are those that were counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.authoring.history_files import history_lines
from rules_service.authoring.impact import Impact
from rules_service.authoring.impact_pages import impact_html
from rules_service.authoring.impact_pair import Setting
from rules_service.compile.bundle import Bundle
from rules_service.compile.sources import collect_files
from tests.authoring.small_ruleset import DATA, bundle_of, edited

ROOT = Path(__file__).parents[2]
HISTORY = (ROOT / "samples" / "review", ROOT / "samples" / "assess")
CASES: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(
    (DATA / "authoring" / "impact.yaml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def live() -> Bundle:
    return bundle_of(collect_files(ROOT / "rulesets")[0])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_planted_change_flips_what_was_counted_by_hand(live: Bundle, case: dict[str, Any]) -> None:
    draft = bundle_of(edited(live.files, case))
    with Impact(live, draft, Setting("2026-11-22")) as found:
        found.over(history_lines(HISTORY))
        flips = [[Path(row.place).stem, row.old.word, row.new.word] for row in found.flips()]
        page = impact_html(found, "zh")
    assert flips == case["flips"]
    assert found.tally.refused == []
    assert found.tally.every.projects == 91
    assert found.tally.same == case["same"]
    assert found.summary.newly_failing == case["newly_failing"]
    assert case.get("parameter", "") in page
    for row in flips:
        assert f"{row[0]}.json" in page
