"""What an examination of rule tests finds: coverage, and which changes of the rules the tests notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rules_service.api import Rules
from rules_service.authoring.examination import Examination, examine
from rules_service.cli.main import main
from rules_service.compile.sources import collect_files

DATA = Path(__file__).parents[1] / "testdata"
BASE, _ = collect_files(DATA / "compile" / "base")
TESTS = (DATA / "authoring" / "tests.yaml").read_text("utf-8")
TEST_FILE = "national/tests/gates.yaml"
EQUIVALENTS = "national/tests/equivalents.yaml"
CHECKS = "national/checks/gates.yaml"
OF_RULE = "GATE-01"

Examine = Callable[[dict[str, str]], Examination]


def write(folder: Path, files: dict[str, str]) -> Path:
    """The small ruleset with some other files."""
    for name, content in {**BASE, **{name: text.encode() for name, text in files.items()}}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def examined(tmp_path) -> Iterator[Examine]:
    loaded: list[Rules] = []

    def run(files: dict[str, str]) -> Examination:
        rules = Rules.load(write(tmp_path, files), concluder="chainer")
        loaded.append(rules)
        [bundle] = rules.snapshot().bundles
        return examine(rules, bundle, rule=OF_RULE, workers=1)

    yield run
    for rules in loaded:
        rules.close()


def without(*names: str) -> str:
    """The tests without some of them."""
    tests = ["- name:" + text for text in TESTS.split("- name:")[1:]]
    kept = [text for text in tests if not any(text.startswith(f"- name: {name}\n") for name in names)]
    assert len(kept) == len(tests) - len(names)
    return "".join(kept)


def survivors(found: Examination) -> list[str]:
    assert found.mutation is not None
    return [mutant.id for mutant, _ in found.mutation.survivors]


def test_good_tests_notice_every_change(examined):
    found = examined({TEST_FILE: TESTS})
    assert found.failed == []
    assert survivors(found) == []
    totals = found.totals()
    assert (totals["outcomes_possible"], totals["outcomes_covered"]) == (4, 4)
    assert totals["branches_covered"] == totals["branches"] > 0
    assert totals["parameters_covered"] == totals["parameters"] == 1
    assert totals["mutants"] == totals["mutants_killed"] > 10


@pytest.mark.parametrize(
    ("test", "unnoticed"),
    [
        ("before there was a threshold", "GATE-01 when_empty: manual → dormant"),
        ("one 分 below the threshold", "param.min_amount 全国 2022-01-01: 10万元 − one step"),
        ("at the city's threshold", "param.min_amount 市乙 2022-01-01: GE → GT"),
        ("every amount before 2022", "param.min_amount 全国 2015-06-01: 0元 + one step"),
        ("a debit is below every amount", "param.min_amount 全国 2015-06-01: 0元 − one step"),
    ],
)
def test_without_a_test_a_change_goes_unnoticed(examined, test, unnoticed):
    found = examined({TEST_FILE: without(test)})
    assert unnoticed in survivors(found)


def test_an_outcome_without_a_test_is_uncovered(examined):
    found = examined({TEST_FILE: without("with a goal")})
    assert [str(outcome) for _, outcome in found.coverage.uncovered] == ["PASS"]
    assert found.branches is not None
    assert [(one.part, one.case) for one in found.branches.uncovered] == [("fails_when", "1 false")]


def test_a_survivor_is_told_with_a_case_for_it(examined):
    found = examined({TEST_FILE: without("one 分 below the threshold")})
    assert found.mutation is not None
    told = {mutant.id: verdict for mutant, verdict in found.mutation.survivors}
    verdict = told["param.min_amount 全国 2022-01-01: 10万元 − one step"]
    assert verdict.difference is not None
    assert "项目的本年申报等于99999.99元" in verdict.difference.state["zh"]
    assert (verdict.difference.before, verdict.difference.after) == (
        "NOT_APPLICABLE",
        "FAIL BLOCK message 1 remedy 1",
    )


def test_what_no_state_tells_apart_is_proven_equal(examined):
    """A tenth of a 分 less, and a number of goals that cannot be negative."""
    text = BASE[CHECKS].decode().replace("size(project.goals) == 0", "size(project.goals) <= 0")
    found = examined({TEST_FILE: TESTS, CHECKS: text})
    assert found.mutation is not None
    fates = {mutant.id: verdict.fate.value for mutant, verdict in found.mutation.verdicts}
    assert fates["GATE-01 fails_when: size(project.goals) <= 0 → size(project.goals) < 0"] == "killed"
    assert survivors(found) == []
    text = text.replace("<= 0", "<= 0 && size(project.goals) != 1")
    found = examined({TEST_FILE: TESTS, CHECKS: text})
    assert found.mutation is not None
    fates = {mutant.id: verdict.fate.value for mutant, verdict in found.mutation.verdicts}
    equal = "GATE-01 fails_when: size(project.goals) != 1 → size(project.goals) != 2"
    assert fates[equal] == "equivalent"


LISTED = "param.min_amount 全国 2015-06-01: 0元 − one step"


def entries(*pairs: tuple[str, str]) -> str:
    return "".join(
        f"- {{mutant: {json.dumps(mutant, ensure_ascii=False)}, reason: {reason}}}\n"
        for mutant, reason in pairs
    )


def test_a_listed_mutant_is_explained_with_its_reason(examined):
    weak = without("a debit is below every amount")
    found = examined({TEST_FILE: weak, EQUIVALENTS: entries((LISTED, "金额不会为负"))})
    assert survivors(found) == []
    assert found.mutation is not None
    assert found.mutation.faults == ()
    assert [(mutant.id, entry.reason) for mutant, entry in found.mutation.explained] == [
        (LISTED, "金额不会为负")
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (entries((LISTED, "金额不会为负")), "a test notices the mutant"),
        (entries(("GATE-01 fails_when: x → y", "无")), "there is no such mutant any more"),
        (entries((LISTED, "a"), (LISTED, "b")), "the mutant stands at national/tests/equivalents.yaml:1 too"),
        ("- {mutant: a}", "an entry holds mutant and reason"),
        ("- {mutant: a, reason: b, c: d}", "an entry holds mutant and reason"),
        ("- just a text", "an entry holds mutant and reason"),
    ],
)
def test_an_entry_that_is_not_needed_or_not_right_is_a_fault(tmp_path, text, fault):
    folder = write(tmp_path, {TEST_FILE: TESTS, EQUIVALENTS: text})
    result = CliRunner().invoke(
        main, ["rules", "test", "--format", "json", "--workers", "1", "--rulesets", str(folder)]
    )
    assert result.exit_code == 1
    assert fault in [entry["fault"] for entry in json.loads(result.stdout)["equivalents_faults"]]


def test_the_command_tells_totals_and_exit_codes(tmp_path):
    folder = write(tmp_path, {TEST_FILE: TESTS})
    run = ["rules", "test", "--rulesets", str(folder), "--workers", "2"]
    result = CliRunner().invoke(main, [*run, "--format", "json"])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert {
        "rules",
        "outcomes_possible",
        "outcomes_covered",
        "mutants",
        "mutants_survived",
    } <= document.keys()
    assert {
        "branches",
        "parameters",
        "table_rows",
        "tests",
        "failures",
        "survivors",
        "uncovered",
    } <= document.keys()
    assert {one["rule"] for one in document["uncovered"]} == {"GATE-09", "MON-01"}
    assert document["mutants_survived"] == len(document["survivors"]) > 0
    again = CliRunner().invoke(main, [*run[:-1], "1", "--format", "json"])
    assert again.stdout == result.stdout
    strict = CliRunner().invoke(main, [*run, "--strict", "--no-mutation"])
    assert strict.exit_code == 1
    assert "MON-01：没有测试到“通过”" in strict.stdout
    only = CliRunner().invoke(main, [*run, "--strict", "--mutation", "--rule", OF_RULE])
    assert only.exit_code == 0, only.stdout
    many = CliRunner().invoke(main, [*run, "--strict", "--mutation", "--max-survivors", "100"])
    assert many.exit_code == 1  # there are outcomes that nobody tests
