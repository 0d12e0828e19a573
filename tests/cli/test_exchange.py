"""`rules export` and `rules import`: a workbook out and in again, what is told, and the exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result

from rules_service.cli.main import main

ROOT = Path(__file__).parents[2]
LAG = "national/parameters/progress/lag_gap_yellow.yaml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["rules", *map(str, arguments)])


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exchange") / "规则.xlsx"
    result = run("export", "--out", path, "--region", "全国", "--what", "parameters")
    assert result.exit_code == 0, result.output
    assert "已写入" in result.stdout
    return path


def edited(exported: Path, folder: Path, text: object) -> Path:
    """The workbook with the first line of alerts set to a text."""
    book = openpyxl.load_workbook(exported)
    sheet = book["参数值"]
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 3).value == "lag_gap_yellow")
    sheet.cell(row, 9).value = text
    path = folder / "规则.xlsx"
    book.save(path)
    return path


def test_an_edit_is_told_and_the_draft_written(exported: Path, tmp_path: Path) -> None:
    file, draft = edited(exported, tmp_path, "12个百分点"), tmp_path / "草稿"
    result = run("import", file, "--out", draft)
    assert result.exit_code == 0, result.output
    assert "值由“10个百分点”改为“12个百分点”" in result.stdout
    assert "改动 1 处，文件 1 个" in result.stdout
    assert "2016-01-01: 12pp" in (draft / LAG).read_text("utf-8")
    kept = [path.relative_to(ROOT / "rulesets") for path in (ROOT / "rulesets").rglob("*.csv")]
    assert all((draft / path).read_bytes() == (ROOT / "rulesets" / path).read_bytes() for path in kept)
    again = run("import", file, "--out", draft)
    assert again.exit_code == 2
    assert "不是空的" in again.stderr


def test_an_edit_is_written_in_place(exported: Path, tmp_path: Path) -> None:
    rulesets = Path(shutil.copytree(ROOT / "rulesets", tmp_path / "rulesets"))
    result = run("import", edited(exported, tmp_path, "12个百分点"), "--rulesets", rulesets, "--write")
    assert result.exit_code == 0, result.output
    assert "2016-01-01: 12pp" in (rulesets / LAG).read_text("utf-8")


def test_faults_are_told_at_their_cells_and_in_a_copy(exported: Path, tmp_path: Path) -> None:
    draft = tmp_path / "草稿"
    result = run("import", edited(exported, tmp_path, 12), "--out", draft)
    assert result.exit_code == 4
    assert "“参数值”I" in result.stderr
    assert "CELL-POINTS" in result.stderr
    assert not draft.exists()
    copy = openpyxl.load_workbook(tmp_path / "规则-错误.xlsx")["参数值"]
    assert copy.cell(1, copy.max_column).value == "错误"


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    result = run("export", "--out", tmp_path / "a.xlsx", "--region", "火星")
    assert result.exit_code == 5
    assert "火星" in result.stderr
    result = run("export", "--out", tmp_path / "a.xlsx", "--what", "rules")
    assert result.exit_code == 2
    assert "parameters" in result.stderr
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04")
    result = run("import", tmp_path / "b.xlsx", "--lang", "en")
    assert result.exit_code == 4
    assert "TABLE-WORKBOOK" in result.stderr
