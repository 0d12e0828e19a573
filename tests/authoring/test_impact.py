"""What a draft would do: laws of impacts, histories of every form, reports, over a small ruleset."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules_service.authoring.history_files import Line, Refused, history_lines
from rules_service.authoring.impact import Impact, ImpactSummary
from rules_service.authoring.impact_pages import impact_html, impact_lines
from rules_service.authoring.impact_pair import Setting
from rules_service.authoring.impact_plain import impact_plain
from rules_service.authoring.impact_rows import Row, rank
from rules_service.authoring.impact_tally import Tally
from rules_service.authoring.impact_workbook import impact_workbook
from rules_service.authoring.texts import Texts
from rules_service.compile.bundle import Bundle
from tests.authoring.small_ruleset import bundle_of, edited, small_files

LEVELS = "".join(
    f"- id: DEC-{level}\n  service: assess\n  title: {{zh: 预警, en: Alert}}\n"
    f"  when: [{{finding: {{outcome: FAIL, severity: [{level}]}}}}]\n"
    f"  then: {{level: {level}}}\n  priority: {priority}\n"
    for level, priority in (("RED", 30), ("ORANGE", 20), ("YELLOW", 10))
)
YELLOW = "national/parameters/progress/gap_yellow.yaml"
SOURCED = b"source: sourced\nproof: V\ndocument: \xe5\x8a\x9e\xe6\xb3\x95"  # no ceiling lies below orange
FILES = small_files()
FILES |= {
    "national/decisions/assess.yaml": LEVELS.encode(),
    YELLOW: FILES[YELLOW].replace(b"source: engineering", SOURCED),
}
LIVE = bundle_of(FILES)
DAY = "2025-06-30"
GOALS = [{"goal_id": "g"}]
ORANGE = "national/parameters/progress/gap_orange.yaml"
PROVINCE = "overlays/省甲/overlay.yaml"
AMOUNT = "national/parameters/progress/min_amount.yaml"


def draft(*edits: tuple[str, str, str]) -> Bundle:
    return bundle_of(edited(FILES, {"edit": [{"file": f, "old": old, "new": new} for f, old, new in edits]}))


# Goals from 20 万元 on instead of 10; in the province orange at 12 points instead of 15; A is called 甲.
STRICTER = draft(
    (AMOUNT, "2022-01-01: 10万元", "2022-01-01: 20万元"),
    (PROVINCE, "value: 15pp", "value: 12pp"),
    ("national/verdict_maps/abc.yaml", "APPROVE: {grade: A", "APPROVE: {grade: 甲"),
)


def review(amount: int | None, region: str = "全国", **project: Any) -> str:
    told = {} if amount is None else {"requested_fen": amount}
    body = {"region_code": region, "fiscal_year": 2025, **told, **project}
    return json.dumps({"context": {"provided": ["SECTION_GOALS"]}, "project": body}, ensure_ascii=False)


def report(spent: int, region: str = "全国", **project: Any) -> str:
    body = {"original_budget_fen": 10_000_00, "spent_fen": spent, "as_of": "2025-06-30"}
    return json.dumps(
        {
            "context": {"provided": ["SECTION_REPORT", "SECTION_BUDGET_CHANGES"]},
            "project": {"region_code": region, "fiscal_year": 2025, **project},
            "report": body,
        },
        ensure_ascii=False,
    )


amounts = st.none() | st.integers(0, 40_000_000)
regions = st.sampled_from(["全国", "省甲", "县丙", "火星", ""])
departments = st.sampled_from(["", "教育局", "水利局"])
texts = st.one_of(
    st.builds(
        lambda a, r, d, g: review(a, r, dept_code=d, goals=GOALS[:g]),
        amounts,
        regions,
        departments,
        st.integers(0, 1),
    ),
    st.builds(lambda a, r, d: report(a, r, dept_code=d), st.integers(0, 10_000_00), regions, departments),
    st.sampled_from(
        ["", "{", "[]", "{}", '{"project": {"nope": 1}}', '{"project": {"fiscal_year": 2025.5}}']
    ),
)


def lines(found: list[str]) -> list[Line | Refused]:
    return [Line(f"h:{number}", text) for number, text in enumerate(found, start=1)]


class Found(NamedTuple):
    """What is kept of an impact after it is closed."""

    tally: Tally
    summary: ImpactSummary
    rows: list[Row]
    json: dict[str, Any]


def impact(old: Bundle, new: Bundle, of: list[str], **setting: Any) -> Found:
    with Impact(old, new, Setting(DAY, **setting)) as found:
        found.over(lines(of))
        return Found(found.tally, found.summary, list(found.flips()), impact_plain(found, "zh"))


@settings(max_examples=25)
@given(st.lists(texts, max_size=12))
def test_a_version_changes_nothing_against_itself(history: list[str]) -> None:
    for skip in (True, False):
        found = impact(LIVE, bundle_of(dict(FILES)), history, skip=skip)
        assert (found.tally.flips, found.summary.newly_failing_share) == (0, "0")
        assert not found.tally.rules
        assert not found.tally.grades
        assert found.tally.same == (found.tally.every.projects if skip else 0)


@settings(max_examples=25)
@given(st.lists(texts, max_size=12))
def test_no_line_is_lost_and_the_matrix_adds_up(history: list[str]) -> None:
    tally = impact(LIVE, STRICTER, history).tally
    assert tally.lines == len(history)
    assert tally.every.projects + len(tally.refused) + tally.elsewhere == len(history)
    assert sum(cell.projects for cell in tally.matrix.values()) == tally.every.projects
    assert sum(cell.amount_fen for cell in tally.matrix.values()) == tally.every.amount_fen
    assert sum(one.every.projects for one in tally.departments.values()) == tally.every.projects
    moved = sum(one.worse.projects + one.better.projects for one in tally.departments.values())
    by_rank = [cell.projects for (_, old, new), cell in tally.matrix.items() if rank(old) != rank(new)]
    assert moved == sum(by_rank)


@settings(max_examples=25)
@given(st.lists(texts, max_size=12))
def test_swapping_the_versions_mirrors_everything(history: list[str]) -> None:
    there, back = impact(LIVE, STRICTER, history).tally, impact(STRICTER, LIVE, history).tally
    assert there.flips == back.flips
    assert {(s, new, old): cell for (s, old, new), cell in there.matrix.items()} == dict(back.matrix)
    assert {(new, old): cell for (old, new), cell in there.grades.items()} == dict(back.grades)
    assert (dict(there.alerts_gained), dict(there.alerts_lost)) == (
        dict(back.alerts_lost),
        dict(back.alerts_gained),
    )
    for name, one in there.rules.items():
        other = back.rules[name]
        assert (one.gained, one.lost, one.projects_gained) == (other.lost, other.gained, other.projects_lost)


EDITS = [
    (ORANGE, "20pp", "12pp"),
    (AMOUNT, "10万元", "20万元"),
    (PROVINCE, "15pp", "11pp"),
    ("overlays/省甲/市乙/overlay.yaml", "30万元", "5万元"),
    ("national/checks/gates.yaml", "== 0", "== 1"),
    ("national/checks/progress.yaml", "{level: RED,", "{level: ORANGE,"),
    ("national/messages/words.yaml", "proof.V: {zh: proof.V,", "proof.V: {zh: 已核对,"),
    (
        "regions.yaml",
        "name: {zh: 丁县, en: County D}, parent: 市乙",
        "name: {zh: 丁县, en: County D}, parent: 省甲",
    ),
]


@settings(max_examples=25)
@given(st.lists(texts, max_size=12), st.sampled_from(EDITS))
def test_an_answer_that_is_saved_is_the_same(history: list[str], edit: tuple[str, str, str]) -> None:
    """Skipping second answers changes nothing but the number of them."""
    new = draft(edit)
    with_skip, without = impact(LIVE, new, history).json, impact(LIVE, new, history, skip=False).json
    assert without.pop("same_by_construction") == 0
    with_skip.pop("same_by_construction")
    assert with_skip == without


def test_planted_flips() -> None:
    """15 万元 without a goal is barred no more, and nothing else is checked; 15 points behind is orange."""
    history = [
        review(15_000_000, dept_code="甲局"),
        review(25_000_000),
        review(25_000_000, goals=GOALS),
        report(350_000, "省甲"),
        report(500_000, "省甲"),
    ]
    found = impact(LIVE, STRICTER, history)
    barred, approved, behind = found.rows
    assert (barred.place, barred.old.word, barred.new.word) == ("h:1", "BAR", "MANUAL")
    [reason] = barred.reasons
    assert reason[:4] == ("GATE-01", "无目标不预算", "不得安排", "")
    assert reason.message == "申报15万元，没有绩效目标。"
    assert reason.parameters == ("须报目标的起点金额：达到或超过10万元 → 达到或超过20万元",)
    assert (approved.place, approved.old.grade, approved.new.grade) == ("h:3", "A 直接批准", "甲 直接批准")
    assert (behind.place, behind.old.word, behind.new.word) == ("h:4", "YELLOW", "ORANGE")
    assert behind.reasons[0].parameters == ("滞后预警线：超过15个百分点 → 超过12个百分点",)
    assert found.summary.newly_failing == 1
    assert found.summary.newly_failing_share == "0.2"


def test_the_share_is_rounded_up() -> None:
    """One of seven is 0.142858, so that no guard of a share below one seventh is passed by rounding."""
    found = impact(LIVE, STRICTER, [report(350_000, "省甲"), *[review(5_000_000)] * 6])
    assert found.summary.newly_failing_share == "0.142858"
    assert json.loads(json.dumps(found.summary.plain()))["draft"] == STRICTER.hash


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    history = [
        review(amount, dept_code=f"局{amount % 3}") for amount in range(9_000_000, 21_000_000, 100_000)
    ]
    history += [report(spent) for spent in range(0, 500_000, 20_000)] + ["{"]
    documents = []
    for workers in (1, 2):
        with Impact(LIVE, STRICTER, Setting(DAY)) as found:
            found.over(lines(history), workers=workers)
            documents.append(impact_plain(found, "zh"))
            (tmp_path / f"{workers}.html").write_text(impact_html(found, "zh"), "utf-8")
    assert documents[0] == documents[1]
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_only_a_place_and_those_below_it() -> None:
    found = impact(LIVE, STRICTER, [review(1, "全国"), review(1, "市乙"), review(1, "县丙")], region="市乙")
    assert (found.tally.every.projects, found.tally.elsewhere) == (2, 1)


def test_a_change_of_a_city_needs_second_answers_there_alone() -> None:
    new = draft(("overlays/省甲/市乙/overlay.yaml", "30万元", "40万元"))
    found = impact(LIVE, new, [review(35_000_000, region) for region in ("全国", "省甲", "市乙", "县丙")])
    assert found.tally.same == 2
    assert [row.place for row in found.rows] == ["h:3", "h:4"]


def test_a_record_is_asked_under_the_dates_of_its_stamp_and_compared() -> None:
    """In 2021 goals were needed from 0 元 on, whatever the fiscal year says; the record said otherwise."""
    request = json.loads(review(15_000_000))
    stamp = {"rule_date": "2021-06-01", "evaluated_on": "2021-06-01", "as_of": "2021-06-01", "hash": "0" * 64}
    record = json.dumps({"request": request, "response": {"decision": "DECISION_APPROVE", "stamp": stamp}})
    found = impact(LIVE, STRICTER, [record])
    assert [(old, new) for _, old, new in found.tally.matrix] == [("BAR", "BAR")]
    assert found.tally.differing_records == 1


def test_a_change_of_the_future_shows_only_where_its_day_is_asked_for() -> None:
    later = draft((AMOUNT, "2022-01-01: 10万元", "2022-01-01: 10万元, 2031-01-01: 20万元"))
    history = [review(15_000_000)]
    assert impact(LIVE, later, history).tally.flips == 0
    found = impact(LIVE, later, history, rule_date="2031-01-01")
    assert [(old, new) for _, old, new in found.tally.matrix] == [("BAR", "MANUAL")]
    assert found.json["rule_date"] == "2031-01-01"


def test_nothing_of_a_classified_project_is_told() -> None:
    exempt = {"classified": True, "dept_code": "某局", "project_name": "秘密项目"}
    found = impact(LIVE, STRICTER, [review(15_000_000, **exempt)])
    page = impact_html_of([review(15_000_000, **exempt)])
    assert found.tally.every.unknown == 1
    assert found.rows[0].department == "（涉密项目）"
    assert found.rows[0].amount_fen is None
    for secret in ("某局", "秘密项目", "15万元", "申报15"):
        assert secret not in page


def impact_html_of(history: list[str]) -> str:
    with Impact(LIVE, STRICTER, Setting(DAY)) as found:
        return impact_html(found.over(lines(history)), "zh")


def test_every_report_tells_flips_and_lines_without_an_answer() -> None:
    history = [review(15_000_000, dept_code="=1+1"), report(350_000, "省甲"), "{", review(1, "火星")]
    with Impact(LIVE, STRICTER, Setting(DAY)) as found:
        found.over(lines(history))
        page, text = impact_html(found, "zh"), "\n".join(impact_lines(found, "zh"))
        book = openpyxl.load_workbook(io.BytesIO(impact_workbook(found, "zh")))
        english = impact_html(found, "en")
    for part in ("h:1", "h:3", "h:4", "GATE-01", "不得安排", "橙色预警"):
        assert part in page
    assert "火星" in text
    assert "Projects that changed (2)" in english
    changed, refused = book.worksheets
    assert [row[0].value for row in changed.iter_rows(min_row=2)] == ["h:1", "h:2"]
    assert changed["D2"].value == "=1+1"
    assert changed["D2"].data_type == "s"
    assert [row[0].value for row in refused.iter_rows(min_row=2)] == ["h:3", "h:4"]


def told(paths: list[Path]) -> Iterator[tuple[str, str]]:
    for one in history_lines(paths):
        yield Path(one.place).name, one.key if isinstance(one, Refused) else one.text


def test_histories_of_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1}')
    (tmp_path / "b.json").write_text('[ {"b": "x,]"} ,\n{"c": [1]}]')
    (tmp_path / "c.jsonl").write_bytes(b'\xef\xbb\xbf{"d": 1}\n\n{"e": \xff}\n{"f": 1}')
    (tmp_path / "d.json").write_text('{"g": 1}\n{"h": 2}')
    (tmp_path / "e.json").write_bytes(b"\xff")
    (tmp_path / "f.json").write_text("{")
    (tmp_path / "notes.txt").write_text("not a history")
    assert list(told([tmp_path])) == [
        ("a.json", '{"a": 1}'),
        ("b.json[0]", '{"b": "x,]"}'),
        ("b.json[1]", '{"c": [1]}'),
        ("c.jsonl:1", '{"d": 1}'),
        ("c.jsonl:3", "input.utf8"),
        ("c.jsonl:4", '{"f": 1}'),
        ("d.json:1", '{"g": 1}'),
        ("d.json:2", '{"h": 2}'),
        ("e.json", "input.utf8"),
        ("f.json", "input.json"),
    ]


def test_histories_in_tables(tmp_path: Path) -> None:
    """A table may know department and amount better than the request."""
    with (tmp_path / "h.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["编号", "请求", "主管部门", "金额分"])
        rows.writerows(
            [[1, review(1), "教育局", "2500"], [2, "", "", ""], [3, review(2), "", "1.5"], [4, review(3)]]
        )
    found = list(history_lines([tmp_path / "h.csv"]))
    assert [one.key if isinstance(one, Refused) else one[2:] for one in found] == [
        ("教育局", 2500),
        "input.no_request",
        "input.amount",
        ("", None),
    ]
    assert [one.place.rpartition(":")[2] for one in found] == ["2", "3", "4", "5"]
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    assert [text for _, text in told([tmp_path / "no.csv"])] == ["input.no_request_column"]


def test_histories_in_parquet(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="the optional extra `history` is not installed")
    table = {
        "request": [review(n) for n in range(2001)],
        "amount_fen": [None, *range(1, 2001)],
        "x": [1] * 2001,
    }
    polars.DataFrame(table).write_parquet(tmp_path / "h.parquet")
    found = list(history_lines([tmp_path]))
    assert len(found) == 2001
    assert found[0] == Line(f"{tmp_path / 'h.parquet'}:1", review(0), "", None)
    assert found[-1] == Line(f"{tmp_path / 'h.parquet'}:2001", review(2000), "", 2000)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    assert [text for _, text in told([tmp_path / "bad.parquet"])] == ["input.unreadable"]


def test_parquet_without_polars_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    (tmp_path / "h.parquet").write_bytes(b"PAR1")
    [refused] = history_lines([tmp_path])
    assert isinstance(refused, Refused)
    assert "history" in Texts("zh")(refused.key, **refused.values)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert list(told([tmp_path / "gone.json"])) == [("gone.json", "input.unreadable")]
