"""Reloading: good bundles take over at once, bad ones never do, and no reader ever sees a mixture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from rules_service.registry.registry import Registry, Reload
from rules_service.registry.snapshot import NO_PIN, Pin
from rules_service.registry.watcher import Watcher
from rules_service.values.dates import parse_date

DAY = parse_date("2022-06-30")
VALUE = ("national/parameters/progress/gap_red.yaml", "30pp")
_ticks = count(1)


def put(path: Path, data: bytes) -> None:
    """Write a file the way a publisher does: beside it, then renamed; each write has a time of its own."""
    fresh = path.with_suffix(".tmp")
    fresh.write_bytes(data)
    tick = next(_ticks)
    os.utime(fresh, ns=(tick, tick))
    fresh.rename(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def reports() -> list[Reload]:
    return []


@pytest.fixture
def registry(folder: Path, make: Any, reports: list[Reload]) -> Registry:
    """A registry with one good bundle, whose reports are collected."""
    put(folder / "a.bundle", make("1"))
    registry = Registry(bundles=folder, report=reports.append)
    reports.clear()
    return registry


def live(registry: Registry) -> str:
    return registry.select(NO_PIN, "市乙", DAY).bundle.version


def test_a_new_version_takes_over(folder: Path, make: Any, registry: Registry, reports: list[Reload]) -> None:
    """The next look finds it; the old one remains selectable by pin."""
    put(folder / "b.bundle", make("2"))
    assert live(registry) == "1"
    assert registry.refresh()
    assert live(registry) == "2"
    assert registry.select(Pin(version="1"), "市乙", DAY).bundle.version == "1"
    (report,) = reports
    assert report.ok
    assert report.bundle is registry.current().bundles[0]


def test_nothing_new_nothing_swapped(registry: Registry, reports: list[Reload]) -> None:
    """An idle look keeps the snapshot and says nothing."""
    snapshot = registry.current()
    assert not registry.refresh()
    assert registry.current() is snapshot
    assert reports == []


@pytest.mark.parametrize("kind", ["garbage", "empty", "truncated", "altered", "faulty"])
def test_a_bad_bundle_never_replaces_a_good_one(
    folder: Path, make: Any, registry: Registry, reports: list[Reload], kind: str
) -> None:
    """Beside the good one or in its place: the good one goes on answering, and the fault is reported."""
    data = {
        "garbage": b"PK\x03\x04 nothing",
        "empty": b"",
        "truncated": make("2")[:-100],
        "altered": make("2").replace("测试规则".encode(), "改动规则".encode()),
        "faulty": make("2", ("national/checks/gates.yaml", "family: gates", "family: gate")),
    }[kind]
    snapshot = registry.current()
    for name in ("b.bundle", "a.bundle"):
        put(folder / name, data)
        assert not registry.refresh()
        assert registry.current() is snapshot
        assert not reports[-1].ok
        assert reports[-1].bundle is None
    assert len(reports) == 2
    assert not registry.refresh()
    assert len(reports) == 2, "a fault is reported once, not at every look"
    put(folder / "a.bundle", make("3"))
    assert registry.refresh()
    assert live(registry) == "3"


def test_a_removed_bundle_is_gone(folder: Path, make: Any, registry: Registry) -> None:
    """Withdrawing the newest brings back the one before it."""
    put(folder / "b.bundle", make("2"))
    registry.refresh()
    (folder / "b.bundle").unlink()
    assert registry.refresh()
    assert live(registry) == "1"


def test_the_last_good_one_serves_while_the_store_is_away(
    folder: Path, registry: Registry, reports: list[Reload]
) -> None:
    """An emptied folder, and one that is gone, change nothing but the reports."""
    (folder / "a.bundle").unlink()
    assert not registry.refresh()
    assert live(registry) == "1"
    folder.rmdir()
    assert not registry.refresh()
    assert live(registry) == "1"
    assert {item.code for report in reports for item in report.diagnostics} == {"STORE-AWAY"}


def test_live_yaml_names_what_answers(
    folder: Path, make: Any, registry: Registry, reports: list[Reload]
) -> None:
    """Going back to an older bundle is naming its hash; the newer one remains selectable by pin."""
    old = registry.current().bundles[0].hash
    put(folder / "b.bundle", make("2"))
    put(folder / "live.yaml", f"live: [{old}]\n".encode())
    registry.refresh()
    assert live(registry) == "1"
    assert registry.select(Pin(version="2"), "市乙", DAY).bundle.version == "2"
    put(folder / "live.yaml", b"live: []\n")
    reports.clear()
    assert not registry.refresh()
    assert live(registry) == "1", "a wrong list leaves the last right one"
    assert not reports[-1].ok
    (folder / "live.yaml").unlink()
    assert registry.refresh()
    assert live(registry) == "2"


def test_live_yaml_may_come_before_its_bundle(
    folder: Path, make: Any, registry: Registry, reports: list[Reload]
) -> None:
    """The list waits for the bundle that it names, and takes effect with it."""
    data = make("2")
    scratch = folder / "scratch"
    scratch.mkdir()
    put(scratch / "b.bundle", data)
    new = Registry(bundles=scratch).current().bundles[0].hash
    put(folder / "live.yaml", f"live: [{new}]\n".encode())
    registry.refresh()
    assert live(registry) == "1"
    assert [item.code for item in reports[-1].diagnostics] == ["LIVE-UNKNOWN"]
    put(folder / "b.bundle", data)
    assert registry.refresh()
    assert live(registry) == "2"


def test_ruleset_folders_are_compiled_and_watched(tmp_path: Path, reports: list[Reload]) -> None:
    """A source folder answers as it stands; a fault keeps the last good state."""
    source = Path(__file__).parents[1] / "testdata" / "compile" / "base"
    root = tmp_path / "rules"
    for path in source.rglob("*"):
        target = root / path.relative_to(source)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    registry = Registry([root], report=reports.append)
    assert live(registry) == "1"
    head = root / "ruleset.yaml"
    text = head.read_text("utf-8")
    put(head, text.replace('version: "1"', "version: &a 2").encode())
    assert not registry.refresh()
    assert [item.code for item in reports[-1].diagnostics] == ["FILE-ANCHOR"]
    put(head, text.replace('version: "1"', 'version: "2"').encode())
    assert registry.refresh()
    assert live(registry) == "2"


def test_no_torn_reload(folder: Path, make: Any, registry: Registry) -> None:
    """While bundles are swapped, every answer is wholly of one snapshot: version, hash and value agree."""
    versions = {str(number): make(str(number), (*VALUE, f"{number + 30}pp")) for number in range(2, 8)}
    expected = {"1": 30} | {version: int(version) + 30 for version in versions}
    wrong: list[tuple[str, object]] = []
    seen: set[str] = set()
    stop, begin = Event(), Barrier(4)

    def read() -> None:
        begin.wait()
        last = False
        while not last:
            last = stop.is_set()  # one more read after the last swap
            selected = registry.select(NO_PIN, "市乙", DAY)
            version = selected.bundle.version
            value = selected.view.parameters["gap_red"].value
            seen.add(version)
            if value != expected[version] * 10**10 or selected.view.hash != selected.bundle.hash:
                wrong.append((version, value))

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    begin.wait()
    for version, data in versions.items():
        put(folder / "a.bundle", data)
        assert registry.refresh()
        assert live(registry) == version
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert "7" in seen


def test_watcher_looks_until_stopped(folder: Path, make: Any, registry: Registry) -> None:
    """The thread looks once after every wait, survives a failing look, and ends when told."""
    looks: Iterator[bool] = iter([False, False, True])
    failures: list[Exception] = []
    watcher = Watcher(registry, 1.0, failures.append, wait=lambda _: next(looks))
    put(folder / "b.bundle", make("2"))
    watcher.start()
    watcher.stop()
    assert live(registry) == "2"
    assert failures == []


def test_watcher_survives_a_fault(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error of one look is reported, and the next look comes."""
    looks: Iterator[bool] = iter([False, False, True])
    calls: list[int] = []

    def refresh() -> bool:
        calls.append(1)
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(registry, "refresh", refresh)
    failures: list[Exception] = []
    watcher = Watcher(registry, 1.0, failures.append, wait=lambda _: next(looks))
    watcher.start()
    watcher.stop()
    assert len(calls) == 2
    assert [str(error) for error in failures] == ["disk on fire"] * 2
