"""What overlays get wrong with parents, locks and dates is refused with file, line, column and a cure."""

from __future__ import annotations

from typing import Any

from rules_service.model.diagnostics import Diagnostic

PLACES = {
    "regions": "regions.yaml",
    "province": "overlays/省甲/overlay.yaml",
    "city": "overlays/省甲/市乙/overlay.yaml",
    "county": "overlays/省甲/市乙/县丙/overlay.yaml",
}


def faults(rulesets: Any, case: dict[str, Any]) -> list[Diagnostic]:
    """Everything that is said of the small ruleset with the case's overlays in place of its own."""
    own = [path for path in rulesets.base if path.startswith("overlays/")]
    given = {path: case[name] for name, path in PLACES.items() if name in case}
    if "head" in case:
        given["ruleset.yaml"] = rulesets.base["ruleset.yaml"].decode().rstrip() + f"\n{case['head']}\n"
    changes = {"edit": case.get("edit", []), "drop": [path for path in own if path not in given]}
    return rulesets.faults(changes | {"add": given | case.get("add", {})})


def test_overlays(rulesets: Any, overlays_case: dict[str, Any]) -> None:
    """Each case's faults are found at once, and each says in Chinese what is wrong and what cures it."""
    found = [item for item in faults(rulesets, overlays_case) if item.code != "PARAMETER-UNUSED"]
    places = [f"{item.code}@{item.file}:{item.line}:{item.column}" for item in found]
    assert sorted(overlays_case["expect"]) == sorted(places)
    assert all(item.is_error and item.zh and item.cure_zh for item in found)
    if "says" in overlays_case:
        assert overlays_case["says"] in found[0].zh
