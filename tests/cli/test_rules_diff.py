"""`rules diff`: two versions, two places or two dates, as text, JSON and a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules_service.cli.main import main
from tests.authoring.small_ruleset import bundle_of, small_files


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rules", "diff", *map(str, arguments)])


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder, and a bundle file of its next version: the orange line 20 → 25 points."""
    files = small_files()
    folder = tmp_path_factory.mktemp("rules")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    line = "national/parameters/progress/gap_orange.yaml"
    later = bundle_of(files | {line: files[line].replace(b"20pp", b"25pp")})
    bundle = tmp_path_factory.mktemp("bundles") / "later.bundle"
    bundle.write_bytes(later.dump())
    return folder, bundle


def test_a_folder_and_a_bundle_are_compared(versions: tuple[Path, Path]) -> None:
    result = run(*versions)
    assert result.exit_code == 0
    assert "（参数）滞后预警线 20个百分点→25个百分点，自2020-01-01（2020预算年度）起；全国" in result.stdout
    assert result.stdout.splitlines()[-1] == "1处改动"


def test_what_a_place_sees_of_two_versions(versions: tuple[Path, Path]) -> None:
    """The city has a line of its own, so nothing changes there."""
    assert "没有改动" in run(*versions, "--region", "市乙", "--date", "2025-01-01").stdout
    assert "超过25个百分点" in run(*versions, "--region", "全国", "--date", "2025-01-01").stdout


def test_two_places_and_two_dates_of_one_version(versions: tuple[Path, Path]) -> None:
    places = run(versions[0], "--region", "全国", "--date", "2025-01-01", "--against", "市乙")
    assert "达到或超过10万元 → 达到或超过30万元" in places.stdout
    dates = run(versions[0], "--date", "2021-01-01", "--against", "2025-01-01")
    assert "达到或超过0元 → 达到或超过10万元" in dates.stdout


def test_json_and_page(versions: tuple[Path, Path], tmp_path: Path) -> None:
    document = json.loads(run(*versions, "--format", "json", "--lang", "en").stdout)
    assert [change["kind"] for change in document["changes"]] == ["value.changed"]
    assert document["changes"][0]["text"].startswith("(parameter) Line of alert")
    page = tmp_path / "diff.html"
    assert run(*versions, "--format", "html", "--out", page).exit_code == 0
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ((), 2, "--against"),
        (("{0}",), 2, "--against"),
        (("{0}", "{1}", "--against", "市乙"), 2, "--against"),
        (("{0}", "{1}", "{1}"), 2, "--against"),
        (("{0}", "nowhere"), 5, "nowhere"),
        (("{0}", "--against", "火星"), 5, "火星"),
        (("{0}", "--against", "市乙", "--date", "2025"), 2, "2025"),
        (("{0}", "{1}", "--out", "no/such/folder/x"), 4, "no/such/folder/x"),
    ],
)
def test_what_cannot_be_compared_is_told(
    versions: tuple[Path, Path], arguments: tuple[str, ...], code: int, text: str
) -> None:
    result = run(*(argument.format(*versions) for argument in arguments))
    assert result.exit_code == code
    assert text in result.stderr


def test_an_altered_bundle_is_refused(versions: tuple[Path, Path], tmp_path: Path) -> None:
    altered = tmp_path / "altered.bundle"
    altered.write_bytes(versions[1].read_bytes().replace(b"25pp", b"26pp"))
    result = run(versions[0], altered)
    assert result.exit_code == 5
    assert "BUNDLE-NOT-ARCHIVE" in result.stderr
