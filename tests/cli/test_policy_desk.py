"""From a new document to a live version and back, by command line, as docs/policy-desk.md tells it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from google.protobuf import json_format

from bench.impact import histories  # isort: skip
from tests.registry.desk import Clock  # isort: skip
from tests.registry.following import Heard  # isort: skip

from rules_service import api
from rules_service.authoring.desk import Desk
from rules_service.cli.main import main
from rules_service.pb.budget.rules.v1.result_pb2 import Decision
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.registry.address import Address
from rules_service.registry.feed import Feed
from rules_service.registry.feed_reports import FeedSettings
from rules_service.registry.roles import Roles
from rules_service.registry.signing import SigningKey, TrustedKeys
from rules_service.registry.store import Store
from rules_service.server.places import default_rulesets

pytestmark = pytest.mark.long

Run = Callable[..., str]

ROLES = "张三: [editor]\n李四: [approver]\n王五: [operator]\n"
ITEMS = ("相关性得分", "匹配性得分", "可能性得分")
CHANGES = (
    ("云南", "pass_score_first_round", "2027-01-01", "75"),
    ("全国", "lag_gap_yellow", "2027年1月1日", "８个百分点"),
)
# First-round scores of the 200 key reviews: 50, 50.2, … 89.8. From 60 up to below 75 there are 75 of them.
SCORES = [f"{500 + 2 * number}" for number in range(200)]


def key_review(tenths: str, number: int, fiscal_year: int = 2025) -> dict[str, Any]:
    """A key review of Yunnan whose first round scored that many tenths of a point."""
    third = f"{int(tenths) - 400}"
    scores = ("20", "20", f"{third[:-1]}.{third[-1]}")
    items = [{"itemCode": code, "score": score} for code, score in zip(ITEMS, scores, strict=True)]
    return {
        "context": {"requestId": f"r{number}", "provided": ["SECTION_SCORE_SHEETS"]},
        "project": {
            "projectCode": f"Y{number}",
            "regionCode": "云南",
            "fiscalYear": fiscal_year,
            "stage": "一上",
            "projectCategory": "特定目标类",
            "isKeyReview": True,
            "requestedFen": "30000000",
            "scoreSheets": [{"sheetId": "yunnan-key-goal", "round": "首轮", "items": items}],
        },
    }


def write_history(path: Path) -> None:
    """1,500 projects: 1,300 made of the samples, and the 200 key reviews."""
    reviews = (key_review(tenths, number) for number, tenths in enumerate(SCORES))
    lines = [json.dumps(each, ensure_ascii=False) for each in (*histories(1300), *reviews)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def change_in_the_sheet(workbook: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """Type new values below the last row, as the first sheet says."""
    book = openpyxl.load_workbook(workbook)
    sheet = book["参数值"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in rows:
        line = sheet.max_row + 1
        for name, value in zip(("层级", "参数编号", "起用日期", "值"), row, strict=True):
            sheet.cell(line, columns[name], value)
    book.save(workbook)


def confirm(tests: Path) -> int:
    """Take the marks out of generated tests, as somebody does who has read them; how many there were."""
    kept, count = re.subn(r"(?m)^  confirm: .*\n", "", tests.read_text("utf-8"))
    tests.write_text(kept, encoding="utf-8")
    return count


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run(actor, verb, …, ends=exit code)`` in a folder of its own; gives what was printed."""
    for name in ("RULES_REGISTRY_FILE", "RULES_SIGNING_KEY", "RULES_ACTOR", "RULES_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roles.yaml").write_text(ROLES, encoding="utf-8")
    monkeypatch.setenv("RULES_ROLES", "roles.yaml")
    monkeypatch.setenv("RULES_REGISTRY", "registry.sqlite")
    monkeypatch.setenv("RULES_SIGNING_KEY_FILE", "desk.key")
    monkeypatch.setenv("RULES_TRUSTED_KEYS", "desk.pem")

    def running(actor: str, *arguments: object, ends: int = 0) -> str:
        who = ["--actor", actor] if actor else []
        result = CliRunner().invoke(main, ["rules", *map(str, arguments), *who])
        assert result.exit_code == ends, result.output
        return result.output

    return running


def test_a_line_is_raised_from_60_to_75(run: Run) -> None:
    publish_what_is_live_today(run)
    change_two_values_in_the_sheet(run)
    see_what_changed_and_make_tests(run)
    try_it_on_1500_projects(run)
    live_from = publish_for_a_later_date(run)
    old_today_new_on_the_date_old_after_the_rollback(live_from)
    assert "记录完整" in run("", "log-check")


def publish_what_is_live_today(run: Run) -> None:
    rulesets = default_rulesets()
    assert rulesets is not None
    shutil.copytree(rulesets, "现行")
    run("", "keys", "new", "--out", "desk")
    run("张三", "draft", "--rulesets", "现行")
    run("张三", "check", "2026.1", "--workers", "2")
    run("李四", "approve", "2026.1")
    run("王五", "publish", "2026.1")


def change_two_values_in_the_sheet(run: Run) -> None:
    run("", "export", "--rulesets", "现行", "--region", "全国", "--region", "云南", "--out", "规则.xlsx")
    change_in_the_sheet(Path("规则.xlsx"), CHANGES)
    told = run("", "import", "规则.xlsx", "--rulesets", "现行", "--out", "草稿")
    assert "增加 云南，pass_score_first_round，2027-01-01（值：75）。" in told
    assert "错误 0 处，提醒 0 处" in told
    head = Path("草稿/ruleset.yaml")
    head.write_text(head.read_text("utf-8").replace('"2026.1"', '"2027.1"'), encoding="utf-8")
    assert "错误 0 处，提醒 0 处" in run("", "lint", "--rulesets", "草稿")


def see_what_changed_and_make_tests(run: Run) -> None:
    changed = run("", "diff", "现行", "草稿")
    assert "重点审核首轮合格线 60→75，自2027-01-01（2027预算年度）起；云南" in changed
    assert "支出滞后黄色预警线 10个百分点→8个百分点，自2027-01-01（2027预算年度）起；全国" in changed
    generated = Path("草稿/overlays/云南/tests/generated.yaml")
    of_place = ("--rulesets", "草稿", "--region", "云南", "--date", "2027-01-01")
    run("", "generate", "--against", "现行", *of_place, "--out", generated)
    text = generated.read_text("utf-8")
    assert "支出落后等于参数“支出滞后黄色预警线（8pp）”，恰在线上：通过" in text
    assert "支出落后超过参数“支出滞后黄色预警线（8pp）”，只差一步：不通过·黄色预警" in text
    assert confirm(generated) == text.count("confirm: 待确认") > 0


def try_it_on_1500_projects(run: Run) -> None:
    """Under the rules of next year, which is when the new values begin."""
    write_history(Path("历史.jsonl"))
    reports = ("--out", "影响.html", "--out", "影响.json", "--summary", "汇总.json")
    dates = ("--date", "2027-01-01", "--evaluated-on", "2026-11-22")
    run("", "impact", "草稿", "现行", "--over", "历史.jsonl", *dates, *reports)
    impact = json.loads(Path("影响.json").read_text("utf-8"))
    moves = {(each["service"], each["old"], each["new"]): each["projects"] for each in impact["matrix"]}
    assert sum(moves.values()) == impact["summary"]["projects"] == 1500
    changed = {move: count for move, count in moves.items() if move[1] != move[2]}
    assert {move: count for move, count in changed.items() if move[0] == "review"} == {
        ("review", "MANUAL", "BAR"): 75
    }
    alerts = {move[1:]: count for move, count in changed.items() if move[0] == "assess"}
    assert sum(alerts.values()) > 0
    assert {new for _, new in alerts} == {"YELLOW"}
    assert "重点审核首轮合格线" in Path("影响.html").read_text("utf-8")


def publish_for_a_later_date(run: Run) -> datetime:
    """Two pairs of eyes, a signature, a date; minutes are what the date can say."""
    run("张三", "draft", "--rulesets", "草稿", "--note", "示例：首轮合格线和预警线")
    assert "UNCHECKED" in run("李四", "approve", "2027.1", ends=9)
    run("张三", "check", "2027.1", "--impact", "汇总.json", "--workers", "2")
    assert "ROLE-LACKING" in run("张三", "approve", "2027.1", ends=9)
    run("李四", "approve", "2027.1", "--note", "同意")
    live_from = (datetime.now(UTC) + timedelta(days=40)).replace(second=0, microsecond=0)
    in_china = live_from + timedelta(hours=8)
    run("王五", "publish", "2027.1", "--live-from", f"{in_china:%Y-%m-%dT%H:%M}")
    return live_from


def old_today_new_on_the_date_old_after_the_rollback(live_from: datetime) -> None:
    """A pin finds the new version even after the rollback."""
    clock = Clock(datetime.now(UTC))
    trusted = TrustedKeys.read(Path("desk.pem"))
    address = Address("registry.sqlite")
    feed = Feed(FeedSettings(address, name="一号机", trusted=trusted), Heard(), clock)
    asked = json_format.ParseDict(key_review("700", 1, fiscal_year=2027), ReviewRequest())

    def answer(pin: str = "") -> tuple[str, str]:
        asked.context.pin.version = pin
        found = rules.review(asked)
        return found.stamp.version, Decision.Name(found.decision)

    with api.Rules.load(feed=feed, concluder="chainer") as rules, Store(address) as store:
        assert answer() == ("2026.1", "DECISION_MANUAL")
        clock.now = live_from - timedelta(seconds=1)
        feed.look()
        assert answer() == ("2026.1", "DECISION_MANUAL")
        clock.now = live_from
        feed.look()
        assert answer() == ("2027.1", "DECISION_BAR")
        desk = Desk(store, Roles.read(Path("roles.yaml")), trusted=trusted, clock=clock)
        desk.rollback("王五", desk.ruleset(), SigningKey.read(Path("desk.key")))
        feed.look()
        assert answer() == ("2026.1", "DECISION_MANUAL")
        assert answer("2027.1") == ("2027.1", "DECISION_BAR")
