"""The small ruleset of the compiler's tests, with one file of every further kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rules_service.compile.bundle import Bundle, compile_bundle
from rules_service.compile.sources import collect_files
from rules_service.model.ruleset import parse_ruleset

DATA = Path(__file__).parents[1] / "testdata"

_HEAD = (
    "standard_id,item,category,limit_kind,value,unit,applies_to,place,grade,season,scope,"
    "min_service_years,qty_rule,effective_from,effective_to,document,article,source,verified,notes\n"
)
_WORDS = "title: {zh: 占位词, en: Placeholders}\nsource: engineering\nproof: P\nversion: '1'\n"
_SHEET = (DATA / "compile" / "sheet.yaml").read_text("utf-8")
FURTHER = {
    "national/standards/meeting.csv": _HEAD
    + "CN-MEETING-1-TOTAL,会议费综合定额,会议费,CAP,760,元/人天,全国党政机关,,一类会议,,general,,,"
    "2016-07-01,,中央和国家机关会议费管理办法,第十五条,https://example.org,verified in source,\n",
    "national/wordlists/placeholders.yaml": _WORDS + "texts: [无, 略]\n",
    "national/wordlists/polarity.csv": "term,where,polarity,natural_max,proof,source,note\n"
    "满意度,name,POSITIVE,100,P,工程清单,\n成本,name,NEGATIVE,,P,工程清单,\n",
    "national/vocabularies/stage.yaml": "vocabulary: project.stage\nvalues:\n"
    "  - {code: 申报, zh: 申报, en: Filing}\n  - {code: 自评, zh: 自评, en: Self-evaluation}\n",
    "national/trees/t1.yaml": "tree: t1\ntitle: {zh: 体系, en: Tree}\nlevel1:\n"
    "  - code: 产出\n    zh: 产出指标\n    en: Outputs\n    children:\n"
    "      - {code: 数量, zh: 数量指标, en: Quantity}\n      - {code: 质量, zh: 质量指标, en: Quality}\n",
    "national/calendars/2025.yaml": "calendar: 2025\nsource: 国务院办公厅\nproof: V2\nholidays:\n"
    '  - {name: {zh: 元旦, en: "New Year"}, days: [2025-01-01]}\n',
    "national/content_sets/five.yaml": "content_set: 五项\ntitle: {zh: 五项内容, en: Five contents}\n"
    "contents:\n  - {code: 必要性, zh: 立项必要性, en: Need}\n",
    "national/parameters/gates/line.yaml": "id: line\ntitle: {zh: 合格线, en: Pass mark}\nkind: score\n"
    "operator: GE\nstricter: up\nsource: engineering\nvalues: {2020-01-01: 60}\n",
    "national/scoresheets/s.yaml": _SHEET,
    "national/tests/_bases.yaml": "review:\n  project: {region_code: 全国, fiscal_year: 2025}\n",
    "national/tests/gates.yaml": "- name: 没有目标\n  rule: GATE-01\n  base: review\n"
    "  request: {project: {requested_fen: 100}}\n  expect: {outcome: FAIL}\n",
}


def small_files() -> dict[str, bytes]:
    """The files by path."""
    base, _ = collect_files(DATA / "compile" / "base")
    return base | {path: text.encode() for path, text in FURTHER.items()}


def edited(files: Mapping[str, bytes], case: Mapping[str, Any]) -> dict[str, bytes]:
    """The files with a case's changes: ``edit``, ``add``, ``drop``."""
    found = dict(files)
    for edit in case.get("edit", []):
        text = found[edit["file"]].decode()
        assert text.count(edit["old"]) == 1, f"{edit['old']!r} must occur once in {edit['file']}"
        found[edit["file"]] = text.replace(edit["old"], edit["new"]).encode()
    found |= {path: text.encode() for path, text in case.get("add", {}).items()}
    for path in case.get("drop", []):
        del found[path]
    return found


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """The files, compiled; raises ``RulesetFaultsError`` or ``ValueError`` for those that are no ruleset."""
    source, found = parse_ruleset(files)
    if source is None:
        raise ValueError(*map(str, found))
    return compile_bundle(source)
