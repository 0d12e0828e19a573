"""Selection: by pin, else the live bundle that holds the region and covers the rule date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.compile.bundle import Bundle, load_bundle
from rules_service.registry.errors import (
    CATALOGUE,
    NotReadyError,
    PinContradictionError,
    SelectionError,
    UnknownPinError,
    UnknownRegionError,
)
from rules_service.registry.snapshot import NO_PIN, Pin, Snapshot, version_key
from rules_service.values.dates import parse_date

CASES = YAML(typ="safe", pure=True).load(
    (Path(__file__).parents[1] / "testdata" / "registry" / "selection.yaml").read_text("utf-8")
)
HEAD, REGIONS = "ruleset.yaml", "regions.yaml"


@pytest.fixture(scope="module")
def bundles(make: Any) -> dict[str, Bundle]:
    """The four bundles that the cases are about."""
    city = "- {code: 市己, name: {zh: 己市, en: City F}, parent: 省甲}\n"
    made = [
        make("1", (HEAD, "root: 全国", "root: 全国\neffective_to: 2022-12-31")),
        make("2", (HEAD, "root: 全国", "root: 全国\neffective_from: 2022-01-01")),
        make("10", (REGIONS, "- {code: 市乙", city + "- {code: 市乙")),
        make("3", name="other"),
    ]
    loaded = [load_bundle(data) for data in made]
    return {f"{bundle.id} {bundle.version}": bundle for bundle in loaded}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_selection(bundles: dict[str, Bundle], case: dict[str, Any]) -> None:
    """Each case is answered by the bundle it names, or refused with its code."""
    snapshot = Snapshot(bundles.values())
    given = dict(case.get("pin", {}))
    name, _, length = given.get("hash", "").partition(":")
    if name in bundles:
        given["hash"] = bundles[name].hash[: int(length or 64)]
    day = parse_date(case["date"])
    if "error" in case:
        with pytest.raises(SelectionError) as error:
            snapshot.select(Pin(**given), case["region"], day)
        assert error.value.code == case["error"]
        assert error.value.text("zh") != error.value.text("en")
    else:
        selected = snapshot.select(Pin(**given), case["region"], day)
        assert f"{selected.bundle.id} {selected.bundle.version}" == case["expect"]
        assert selected.view.hash == selected.bundle.hash


def test_only_named_hashes_are_live(bundles: dict[str, Bundle]) -> None:
    """With a list of live hashes the others answer to pins only."""
    snapshot = Snapshot(bundles.values(), live=frozenset({bundles["tiny 1"].hash}))
    day = parse_date("2022-06-30")
    assert snapshot.choose(NO_PIN, "市乙", day) is bundles["tiny 1"]
    assert snapshot.choose(Pin(version="10"), "市乙", day) is bundles["tiny 10"]
    with pytest.raises(UnknownRegionError) as error:
        snapshot.choose(NO_PIN, "市乙", parse_date("2023-01-01"))
    assert error.value.code == "REGION-DATE"


def test_an_ambiguous_pin_is_refused(bundles: dict[str, Bundle], make: Any) -> None:
    """Two bundles of one version: the pin must say which."""
    twin = load_bundle(make("2", (HEAD, "en: Test rules", "en: Test rules again")))
    with pytest.raises(SelectionError) as error:
        Snapshot([bundles["tiny 2"], twin]).choose(Pin(version="2"), "市乙", parse_date("2023-01-01"))
    assert error.value.code == "PIN-AMBIGUOUS"


def test_without_bundles_nothing_is_ready() -> None:
    """An empty registry says so, instead of “unknown region”."""
    snapshot = Snapshot()
    assert not snapshot.is_ready
    with pytest.raises(NotReadyError):
        snapshot.select(NO_PIN, "市乙", parse_date("2022-01-01"))


def test_errors_are_typed_and_bilingual() -> None:
    """A caller tells wrong pins from unknown ones by type; people get both languages."""
    unknown = UnknownPinError("PIN-UNKNOWN", "context.pin", pin=Pin(version="7"))
    wrong = PinContradictionError("PIN-REGION", "context.pin", pin=Pin(version="7"), region="市己")
    assert unknown.text("zh") == "没有指定的规则包（7）。核对规则包、版本和摘要。"
    assert unknown.text("en") == "There is no bundle as pinned (7). Check bundle, version and hash."
    assert wrong.field == "context.pin"
    assert CATALOGUE.codes() >= {unknown.code, wrong.code}


def test_versions_in_order() -> None:
    """Numbers within versions count as numbers."""
    versions = ["2026.10", "2026.2", "2026", "2025.11", "draft"]
    assert sorted(versions, key=version_key) == ["draft", "2025.11", "2026", "2026.2", "2026.10"]
