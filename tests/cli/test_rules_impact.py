"""`rules impact`: a draft against the live version over files, with reports, a summary and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules_service.cli.main import main
from tests.authoring.small_ruleset import bundle_of, small_files


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rules", "impact", *map(str, arguments)])


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Bundle files of a draft and of the live version: goals from 20 万元 on instead of 10."""
    files = small_files()
    amount = "national/parameters/progress/min_amount.yaml"
    draft = bundle_of(files | {amount: files[amount].replace("10万元".encode(), "20万元".encode())})
    folder = tmp_path_factory.mktemp("bundles")
    paths = folder / "draft.bundle", folder / "live.bundle"
    for path, bundle in zip(paths, (draft, bundle_of(files)), strict=True):
        path.write_bytes(bundle.dump())
    return paths


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Three projects without a goal, and a line that is no request."""
    amounts = (5_000_000, 15_000_000, 25_000_000)
    requests = [
        {
            "context": {"provided": ["SECTION_GOALS"]},
            "project": {"region_code": "全国", "fiscal_year": 2025, "requested_fen": amount},
        }
        for amount in amounts
    ]
    path = tmp_path / "history.jsonl"
    path.write_text("\n".join([*map(json.dumps, requests), "{"]), encoding="utf-8")
    return path


def test_figures_reports_and_summary(versions: tuple[Path, Path], history: Path, tmp_path: Path) -> None:
    reports = [tmp_path / f"report{suffix}" for suffix in (".html", ".json", ".xlsx")]
    summary = tmp_path / "summary.json"
    out = [argument for report in reports for argument in ("--out", report)]
    result = run(*versions, "--over", history, *out, "--summary", summary, "--evaluated-on", "2025-06-30")
    assert result.exit_code == 0, result.output
    assert "不得安排  转人工  1  15  0" in result.stdout
    assert "history.jsonl:4" in result.stdout
    assert "history.jsonl:2" in reports[0].read_text("utf-8")
    document = json.loads(reports[1].read_text("utf-8"))
    assert [flip["old"]["word"] for flip in document["flips"]] == ["BAR"]
    assert len(document["unanswerable"]) == 1
    assert json.loads(summary.read_text("utf-8")) == document["summary"]
    assert document["summary"]["newly_failing_share"] == "0"


def test_the_other_way_a_third_fails_anew(versions: tuple[Path, Path], history: Path, tmp_path: Path) -> None:
    """What `rules check --impact` reads holds the share as a text."""
    summary = tmp_path / "summary.json"
    assert run(*reversed(versions), "--over", history, "--summary", summary).exit_code == 0
    assert json.loads(summary.read_text("utf-8"))["newly_failing_share"] == "0.333334"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--out", "report.pdf"), 2, "report.pdf"),
        (("--region", "火星"), 5, "火星"),
        (("--evaluated-on", "2025"), 2, "2025"),
        (("--out", "no/such/folder/report.html"), 4, "no/such/folder/report.html"),
        (("--region", "市乙"), 4, "没有请求"),
    ],
)
def test_what_cannot_be_done_is_told(
    versions: tuple[Path, Path], history: Path, arguments: tuple[str, ...], code: int, text: str
) -> None:
    result = run(*versions, "--over", history, *arguments)
    assert result.exit_code == code
    assert text in result.stderr


def test_without_a_terminal_there_is_no_progress_bar(versions: tuple[Path, Path], history: Path) -> None:
    assert "已答复" not in run(*versions, "--over", history).output
