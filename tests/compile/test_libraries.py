"""Libraries of core indicators: every fault at its file, row and column, and what is in force when."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from rules_service.compile.bundle import load_bundle
from rules_service.facts.library import TOP
from rules_service.model.library_rows import CLASS_COLUMNS, COLUMNS

FOLDER = "national/libraries/base/1"
SHIPPED = Path(__file__).parents[2] / "rulesets" / "national"
ROWS = "A,A1,A1X,K1,产出,数量,甲数,甲的数目|甲量,个,GE,POSITIVE,≥1个,yes,,某表,\n"
CLASSES = "A,,,甲\nA,A1,,甲一\nA,A1,A1X,甲一用途\n"
MANIFEST = """\
id: {id}
version: "{version}"
title: {{zh: 试库, en: Library}}
effective_from: {start}
issuer: {{zh: 某局, en: Bureau}}
document: 某文
proof: S
sample: false
tree: "2021"
"""
PARAMETER = """\
id: indicator_libraries
title: {zh: 指标库, en: Libraries}
kind: list<code>
source: empty
"""
CITY = "overlays/省甲/市乙/overlay.yaml"
PROVINCE = "overlays/省甲/overlay.yaml"


def library(folder: str, name: str, version: str, start: str, rows: str) -> dict[str, str]:
    """The files of one version."""
    place = f"{folder}/libraries/{name}/{version}"
    table = ",".join(COLUMNS) + "\n" + rows
    manifest = MANIFEST.format(id=name, version=version, start=start)
    return {f"{place}/library.yaml": manifest, f"{place}/indicators.csv": table}


def ruleset(rulesets: Any, case: dict[str, Any]) -> dict[str, Any]:
    """The case as changes of the small ruleset: with a tree, units and the base library."""
    taken = ("trees/2021.yaml", "wordlists/units.csv")
    files = {f"national/{path}": (SHIPPED / path).read_text("utf-8") for path in taken}
    files["national/parameters/libraries/indicator_libraries.yaml"] = PARAMETER
    files |= library("national", "base", "1", "2020-01-01", case.get("rows", ROWS))
    if "rows" not in case or "classes" in case:
        files[f"{FOLDER}/classes.csv"] = ",".join(CLASS_COLUMNS) + "\n" + case.get("classes", CLASSES)
    if "indicators" in case:
        files[f"{FOLDER}/indicators.csv"] = case["indicators"]
    for edit in case.get("edit", []):
        manifest = files[f"{FOLDER}/library.yaml"]
        assert manifest.count(edit["old"]) == 1
        files[f"{FOLDER}/library.yaml"] = manifest.replace(edit["old"], edit["new"])
    if "add_library" in case:
        new = case["add_library"]
        rows = new.get("rows", "A,A1,A1X,K9,产出,数量,新数,,个,GE,POSITIVE,,no,,某表,\n")
        files |= library(new["folder"], new["id"], new.get("version", "1"), str(new["from"]), rows)
    city = case.get("city", "indicator_libraries: {2022-01-01: [base]}")
    for path, setting in ((CITY, city), (PROVINCE, case.get("province"))):
        if setting is not None:
            text = rulesets.base[path].decode()
            head, _, tail = text.partition("set:\n")
            value, _, rest = tail.partition("\n")
            files[path] = f"{head}set:\n{value}\n  {setting}\n{rest}"
    for name in case.get("drop", []):
        del files[f"{FOLDER}/{name}"]
    return {"add": files}


def test_faults(rulesets: Any, libraries_case: dict[str, Any]) -> None:
    """Each case's faults are found at once, with file, row and column."""
    case = libraries_case
    found = [
        f"{item.code}@{item.file.removeprefix(FOLDER + '/')}:{item.line}:{item.column}"
        for item in rulesets.faults(ruleset(rulesets, case))
        if item.code != "PARAMETER-UNUSED"
    ]
    assert sorted(case["expect"]) == sorted(found)


def test_a_use_can_only_hold_what_people_can_choose_from(rulesets: Any) -> None:
    """Five hundred core indicators of one use are read, one more is refused, once; common ones are not."""

    def found(number: int, path: str) -> list[str]:
        rows = "".join(f"{path},K{n},产出,数量,第{n}数,,个,GE,POSITIVE,,no,,某表,\n" for n in range(number))
        case = {"rows": rows}
        return [
            f"{item.code}:{item.line}"
            for item in rulesets.faults(ruleset(rulesets, case))
            if item.code != "PARAMETER-UNUSED"
        ]

    assert found(500, "A,A1,A1X") == []
    assert found(502, "A,A1,A1X") == ["LIBRARY-USE-FULL:502"]
    assert found(600, ",通用,") == []


def test_versions_by_date(rulesets: Any) -> None:
    """The last version that has begun is in force; the views change with it, and only where it is named."""
    case = {"add_library": {"folder": "national", "id": "base", "version": "2", "from": "2024-07-01"}}
    bundle = rulesets.bundle(ruleset(rulesets, case))

    def in_force(region: str, day: date) -> list[str]:
        view = bundle.view(region, day.toordinal())
        return [each.document.version for each in view.fact_context.libraries.all]

    assert in_force("市乙", date(2021, 12, 31)) == []
    assert in_force("市乙", date(2022, 1, 1)) == ["1"]
    assert in_force("县丙", date(2024, 6, 30)) == ["1"]
    assert in_force("县丙", date(2024, 7, 1)) == ["2"]
    assert in_force("省甲", date(2024, 7, 1)) == []
    seen = [each.document.version for each in bundle.view("省甲", date(2024, 7, 1).toordinal()).libraries]
    assert seen == ["2"]


def test_a_bundle_holds_its_libraries(rulesets: Any) -> None:
    """A library goes into the bundle file whole: the same bytes again, the same rows when it is loaded."""
    bundle = rulesets.bundle(ruleset(rulesets, {}))
    data = bundle.dump()
    loaded = load_bundle(data)
    assert loaded.dump() == data == rulesets.bundle(ruleset(rulesets, {})).dump()
    day = date(2024, 1, 1).toordinal()
    (library,), (again,) = bundle.view("市乙", day).libraries, loaded.view("市乙", day).libraries
    assert list(library.find(TOP)) == list(again.find(TOP))
    other = rulesets.bundle(ruleset(rulesets, {"rows": ROWS.replace("≥1个", "≥2个")}))
    assert other.hash != bundle.hash


def test_codes_of_a_library_are_vocabularies(rulesets: Any) -> None:
    """Classes may be filed by code or by name; what the library does not know is unknown."""
    bundle = rulesets.bundle(ruleset(rulesets, {}))
    here = bundle.view("市乙", date(2024, 1, 1).toordinal()).fact_context
    for fact, raw, code in (
        ("project.industry_code", "A", "A"),
        ("project.industry_code", "ａ", "A"),
        ("project.industry_code", "甲", "A"),
        ("project.industry_code", "B", None),
        ("project.use_code", "甲一用途", "A1X"),
        ("project.use_code", "A1", None),
        ("indicator.core_indicator_code", "k1", "K1"),
        ("indicator.core_indicator_code", "甲数", None),
    ):
        assert here.code(fact, raw) == code
    elsewhere = bundle.view("省甲", date(2024, 1, 1).toordinal()).fact_context
    assert elsewhere.code("project.industry_code", "B") == "b"
