"""The verbs for libraries: from a table of a place's to choices that its rules know."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules_service.cli.main import main
from tests import sample_city

TABLE = """行业领域,行业类别,资金用途,核心指标代码,一级指标,二级指标,三级指标,计量单位,计算符号,是否必选
农业,种植,补助,K1,产出指标,数量指标,种植面积,亩,≥,是
,,,K2,满意度指标,服务对象满意度指标,农户满意度,%,≥,否
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["library", *map(str, arguments)])


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The shipped rules with an invented city, whose overlay stands in a folder of its own."""
    made = sample_city.build(tmp_path)
    shutil.rmtree(made / "overlays" / sample_city.NAME / "tests")
    return made


def importing(city: Path, table: Path, *more: object) -> Result:
    return run(
        *(
            "import",
            table,
            "--id",
            "city",
            "--version",
            "2024",
            "--title",
            "示例市指标库",
            "--from",
            "2024-01-01",
        ),
        *("--issuer", "示例市财政局", "--document", "示例市核心指标库", "--proof", "S", "--sample"),
        *("--rulesets", city, "--out", city / "overlays" / sample_city.NAME / "libraries", *more),
    )


def test_import_list_show_and_look_up(city: Path, tmp_path: Path) -> None:
    """A table is imported, put in force by the overlay, and found."""
    table = tmp_path / "库.csv"
    table.write_bytes(TABLE.encode("gbk"))
    refused = importing(city, table)
    assert refused.exit_code == 4, "a row without any class"
    assert "库.csv:3:1：错误 LIBRARY-BLANK" in refused.stderr
    imported = importing(city, table, "--fill-down")
    assert imported.exit_code == 0, imported.stderr
    assert "行业领域 1，行业类别 1，资金用途 1，核心指标 2" in imported.stdout
    assert "TABLE-FILLED-DOWN" in imported.stderr
    assert "FILE-GBK-READ" in imported.stderr
    overlay = city / "overlays" / sample_city.NAME / "overlay.yaml"
    overlay.write_text(overlay.read_text("utf-8").replace("2023-01-01: [sample-core]", "2024-01-01: [city]"))
    place = ("--region", sample_city.NAME, "--date", "2025-01-01", "--rulesets", city)
    listed = json.loads(run("list", *place, "--format", "json").stdout)
    assert [(row["library"], row["in_force"], row["indicators"]) for row in listed] == [
        ("sample-core", False, 34),
        ("city", True, 2),
    ]
    assert "city          2024     2024-01-01   是" in run("list", *place).stdout
    shown = run("show", "city", "--classes", *place)
    assert "《示例市指标库》2024（示例，不是正式指标库）" in shown.stdout
    assert "\n农业 2\n  种植 2\n    补助 2\n" in shown.stdout
    found = run("lookup", "--industry", "农业", "--category", "种植", "--use", "补助", *place)
    assert "共 2 条" in found.stdout
    assert "种植面积" in found.stdout
    answer = json.loads(run("lookup", "--name", "满意", "--format", "json", *place).stdout)
    assert [each["core_indicator_code"] for each in answer["indicators"]] == ["K2"]
    assert answer["stamp"]["rule_date"] == "2025-01-01"


def test_pages_and_questions(city: Path) -> None:
    """A look-up gives pages, and says what is wrong with a question."""
    place = ("--region", sample_city.NAME, "--date", "2025-01-01", "--rulesets", city)
    first = run("lookup", "--page-size", 2, *place).stdout
    token = first.split("--page-token ")[1].split()[0]
    second = run("lookup", "--page-size", 2, "--page-token", token, *place)
    assert second.exit_code == 0
    assert second.stdout != first
    wrong = run("lookup", "--industry", "XX", *place)
    assert wrong.exit_code == 2
    assert "industry_code" in wrong.stderr
    nowhere = run("lookup", "--rulesets", city)
    assert nowhere.exit_code == 5
    assert "sample-core" in nowhere.stderr
    assert run("show", "bengbu", *place).exit_code == 5


def test_what_is_refused(city: Path, tmp_path: Path) -> None:
    """A fault is told with file, row and column, and nothing is written."""
    table = tmp_path / "库.csv"
    table.write_text(TABLE.replace("产出指标", "投入"), encoding="utf-8")
    refused = importing(city, table)
    assert refused.exit_code == 4
    assert "库.csv:2:5：错误 DOC-NOT-ONE-OF" in refused.stderr
    assert not (city / "overlays" / sample_city.NAME / "libraries").exists()
    assert importing(city, table, "--column", "细化指标").exit_code == 2
    assert importing(city, table, "--to", "明年").exit_code == 2
    table.write_text(TABLE, encoding="utf-8")
    assert importing(city, table, "--fill-down").exit_code == 0
    again = importing(city, table, "--fill-down")
    assert again.exit_code == 2, "a version is not replaced by mistake"
    assert "--force" in again.stderr
