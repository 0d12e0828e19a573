"""The verbs: texts, exit codes, JSON records and replay, over the project's own rules."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rules_service.api import Rules
from rules_service.cli import answering, rules_explain
from rules_service.cli.main import main

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "review" / "G-M002.json"
REPORT = ROOT / "samples" / "assess" / "M002.json"

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def rules() -> Iterator[Rules]:
    with Rules.load(ROOT / "rulesets", concluder="chainer") as loaded:
        yield loaded


@pytest.fixture
def run(rules, monkeypatch) -> Run:
    """Run a command over rules that are loaded once for all tests."""

    @contextlib.contextmanager
    def loaded(*_arguments):
        yield rules

    monkeypatch.setattr(answering, "load", loaded)
    monkeypatch.setattr(rules_explain, "load", loaded)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


def request(**project) -> str:
    context = {"evaluated_on": "2026-11-22", "provided": ["SECTION_GOALS", "SECTION_INDICATORS"]}
    base = {"region_code": "全国", "fiscal_year": 2026, "project_name": "示例项目"}
    return json.dumps({"context": context, "project": base | project}, ensure_ascii=False)


def write(path: Path, *texts: str) -> Path:
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_failing_project_is_told_with_rule_reason_and_cure(run, tmp_path):
    result = run("review", write(tmp_path / "a.json", request(goals=[{"goal_id": "g"}])))
    assert result.exit_code == 1
    assert "示例项目" in result.stdout
    assert "结论：退回修改" in result.stdout
    assert "CMP-01" in result.stdout
    assert "位置：project.goals[0].goal_text" in result.stdout
    assert "处理：" in result.stdout


def test_reference_values_are_told_apart_from_the_verdict(run, tmp_path):
    item = {"item_id": "k1", "item_code": "会议费", "name": "会议费综合定额", "meeting_class": "三类会议"}
    context = {"evaluated_on": "2026-11-22", "provided": ["SECTION_COST_ITEMS"]}
    project = {"region_code": "厦门", "fiscal_year": 2026, "cost_items": [item]}
    text = json.dumps({"context": context, "project": project}, ensure_ascii=False)
    told = run("review", write(tmp_path / "a.json", text)).stdout.replace("\n", "")
    assert "参考值（不是审核结论）：" in told
    assert "project.cost_items[0].unit_price_yuan" in told
    assert "会议费综合定额 550元/人天" in told
    assert "仅供参考" in told


def test_texts_come_in_english(run, tmp_path):
    file = write(tmp_path / "a.json", request(goals=[{"goal_id": "g"}]))
    result = run("review", "--lang", "en", file)
    assert "Result: return" in result.stdout


def test_a_project_that_cannot_be_judged_has_an_exit_code_of_its_own(run, tmp_path):
    document = json.loads(request())
    document["context"]["partial"] = True
    result = run("review", write(tmp_path / "a.json", json.dumps(document)))
    assert result.exit_code == 3
    assert "未作结论" in result.stdout


def test_every_violation_is_told_and_the_other_requests_are_answered(run, tmp_path):
    bad = request(requested_fen=10**17, goals=[{"indicators": [{"weight": "1e3"}]}])
    result = run("review", write(tmp_path / "a.jsonl", bad, request(goals=[{"goal_id": "g"}])))
    assert result.exit_code == 4
    assert "a.jsonl:1：project.requested_fen：" in result.stderr
    assert "a.jsonl:1：project.goals[0].indicators[0].weight：" in result.stderr
    assert "CMP-01" in result.stdout


@pytest.mark.parametrize("text", ["", "[]", "{", '{"project": {"weight": 1.5}}'])
def test_files_without_a_request_are_invalid_input(run, tmp_path, text):
    result = run("review", write(tmp_path / "a.json", text))
    assert result.exit_code == 4
    assert result.stderr.strip()


def test_an_unknown_pin_is_an_error_of_the_rules(run, tmp_path):
    document = json.loads(request())
    document["context"]["pin"] = {"hash": "0" * 64}
    result = run("review", write(tmp_path / "a.json", json.dumps(document)))
    assert result.exit_code == 5


def test_a_file_that_is_not_there_is_wrong_usage(run):
    assert run("review", "no-such-file.json").exit_code == 2


@pytest.mark.parametrize(("verb", "sample"), [("review", SAMPLE), ("assess", REPORT)])
def test_a_record_is_replayed_with_the_same_digest(run, tmp_path, verb, sample):
    record = run(verb, "--format", "json", sample).stdout
    file = write(tmp_path / "record.json", record)
    result = run(verb, "--replay", file)
    assert result.exit_code == 0
    assert json.loads(record)["response"]["digest"][:12] in result.stdout


def test_a_replay_keeps_the_day_of_the_answer(run, tmp_path, rules, monkeypatch):
    record = run("review", "--format", "json", write(tmp_path / "a.json", _without_day(request()))).stdout
    monkeypatch.setattr(rules, "today", lambda: 700_000)
    assert run("review", "--replay", write(tmp_path / "record.json", record)).exit_code == 0


def _without_day(text: str) -> str:
    document = json.loads(text)
    del document["context"]["evaluated_on"]
    return json.dumps(document)


def test_a_changed_record_is_told(run, tmp_path):
    record = json.loads(run("review", "--format", "json", SAMPLE).stdout)
    record["request"]["project"]["requested_fen"] = "1"
    result = run("review", "--replay", write(tmp_path / "record.json", json.dumps(record)))
    assert result.exit_code == 6
    assert "不同" in result.stdout


def test_a_replay_in_json(run, tmp_path):
    file = write(tmp_path / "record.json", run("review", "--format", "json", SAMPLE).stdout)
    told = json.loads(run("review", "--replay", "--format", "json", file).stdout)
    assert told["same"] is True
    assert told["before"] == told["after"]


def test_a_request_is_no_record(run):
    assert run("review", "--replay", SAMPLE).exit_code == 4


def test_a_record_can_be_answered_anew(run, tmp_path):
    file = write(tmp_path / "record.json", run("review", "--format", "json", SAMPLE).stdout)
    assert "response" in json.loads(run("review", "--format", "json", file).stdout)


def test_several_records_are_one_a_line(run, tmp_path):
    file = write(tmp_path / "a.jsonl", request(), request())
    lines = run("review", "--format", "json", file).stdout.splitlines()
    assert [sorted(json.loads(line)) for line in lines] == [["request", "response"]] * 2


def test_a_rule_is_explained(run, tmp_path):
    file = write(tmp_path / "a.json", request(goals=[{"goal_id": "g", "goal_text": "无"}]))
    result = run("rules", "explain", "CMP-01", file)
    assert result.exit_code == 0
    assert "CMP-01 绩效目标 g：不通过 project.goals[0].goal_text" in result.stdout


def test_the_rules_are_listed_shown_and_compiled():
    invoke = CliRunner().invoke
    listed = json.loads(invoke(main, ["rules", "list", "--format", "json"]).stdout)
    assert {"CMP-01", "MON-01"} <= {row["rule"] for row in listed}
    shown = invoke(main, ["rules", "show", "MON-01", "--region", "安康"]).stdout
    assert "reference - report.spend_rate" in shown
    assert "lag_gap_yellow" in shown
    assert "def " in invoke(main, ["rules", "code"]).stdout


def test_an_unknown_rule_or_region_is_an_error_of_the_rules():
    invoke = CliRunner().invoke
    assert invoke(main, ["rules", "show", "NO-99"]).exit_code == 5
    assert invoke(main, ["rules", "list", "--region", "亚特兰蒂斯"]).exit_code == 5
    assert invoke(main, ["rules", "list", "--date", "tomorrow"]).exit_code == 2


def test_the_same_rules_build_the_same_bundle(tmp_path):
    for name in ("a", "b"):
        result = CliRunner().invoke(main, ["rules", "build", "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_lint_tells_place_and_cure(tmp_path):
    write(tmp_path / "ruleset.yaml", "id: t", "id: u")
    result = CliRunner().invoke(main, ["rules", "lint", "--rulesets", str(tmp_path)])
    assert result.exit_code == 5
    assert "ruleset.yaml:2:1：错误 FILE-DUPLICATE-KEY：" in result.stderr


def test_the_projects_own_rules_are_in_order():
    assert CliRunner().invoke(main, ["rules", "lint"]).exit_code == 0


def test_help_is_quick_and_needs_no_rules():
    command = [sys.executable, "-X", "importtime", "-m", "rules_service.cli", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "demo" in done.stdout
    assert "grpc" not in {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}
