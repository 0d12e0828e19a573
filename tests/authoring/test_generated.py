"""Generated rule tests: the boundaries are met to the step, and what is made notices changes of the rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from rules_service.api import Rules
from rules_service.authoring.atoms import Sort
from rules_service.authoring.changed_rules import changed_rules
from rules_service.authoring.examination import examine
from rules_service.authoring.generated import GeneratedTests, generate
from rules_service.authoring.generated_file import generated_yaml
from rules_service.authoring.rule_tests import rule_tests
from rules_service.authoring.running import run
from rules_service.cli.main import main
from rules_service.compile.bundle import Bundle
from rules_service.compile.sources import collect_files
from rules_service.values.dates import parse_date

DATA = Path(__file__).parents[1] / "testdata"
PLANTED = DATA / "authoring" / "generated"
BASE, _ = collect_files(DATA / "compile" / "base")
CHECKS = "national/checks/planted.yaml"
PARAMETER = "national/parameters/gates/planted_score.yaml"
GENERATED = "national/tests/generated.yaml"
FILES = {
    **BASE,
    CHECKS: (PLANTED / "checks.yaml").read_bytes(),
    PARAMETER: (PLANTED / "planted_score.yaml").read_bytes(),
}
RULES = ("PLANT-01", "PLANT-02", "PLANT-03", "PLANT-04")
DAY = parse_date("2025-01-01")

Load = Callable[[dict[str, bytes]], tuple[Rules, Bundle]]


@pytest.fixture
def load(tmp_path) -> Iterator[Load]:
    loaded: list[Rules] = []

    def of(files: dict[str, bytes]) -> tuple[Rules, Bundle]:
        folder = tmp_path / str(len(loaded))
        for name, content in {**FILES, **files}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        rules = Rules.load(folder, concluder="chainer")
        loaded.append(rules)
        [bundle] = rules.snapshot().bundles
        return rules, bundle

    yield of
    for rules in loaded:
        rules.close()


def made(load: Load, *rules: str) -> GeneratedTests:
    return generate(*load({}), rules, region="全国", rule_date=DAY, workers=1)


def values(found: GeneratedTests, goal: str, name: str) -> list[str]:
    """What a field of the first element or of the project is in the cases for some goals."""

    def at(document: object) -> Iterator[str]:
        if isinstance(document, dict):
            for key, value in document.items():
                if key == name:
                    yield str(value)
                yield from at(value)
        elif isinstance(document, list):
            for value in document:
                yield from at(value)

    cases = [case for rule in found.rules for case in rule.cases]
    return [
        next(at(case.request), "")
        for case in cases
        if case.goals[0].sort is Sort.BOUNDARY
        and f"{case.goals[0].branch.part} {case.goals[0].branch.case[:-2]}" == goal
    ]


@pytest.mark.parametrize(
    ("rule", "goal", "field", "expected"),
    [
        ("PLANT-01", "fails_when 1", "score", {"74.99", "75", "75.01"}),
        ("PLANT-02", "fails_when 1", "duration_end", {"2025-12-30", "2025-12-31", "2026-01-01"}),
        ("PLANT-02", "severity.RETURN 1", "requested_fen", {"99999999", "100000000", "100000001"}),
        ("PLANT-03", "fails_when 1.2", "weight", {"49.99", "50", "50.01"}),
    ],
)
def test_cases_lie_on_and_one_step_beside_each_boundary(load, rule, goal, field, expected):
    assert set(values(made(load, rule), goal, field)) == expected


def test_a_boundary_of_shares_is_met_to_a_fen(load):
    """On the line, and a 分 of either amount beside it."""
    found = made(load, "PLANT-04")
    [rule] = found.rules
    assert rule.count(Sort.BOUNDARY)[0] == rule.count(Sort.BOUNDARY)[2]
    shares = [case.request["report"] for case in rule.cases if case.goals[0].branch.part == "fails_when"]
    distances = {10 * int(one.get("spent_fen", 0)) - 3 * int(one["original_budget_fen"]) for one in shares}
    assert 0 in distances
    assert all(abs(distance) <= 10 for distance in distances)
    assert len(distances) == 3


def test_the_written_file_reads_back_and_passes(load):
    found = made(load, *RULES)
    rules, bundle = load({GENERATED: generated_yaml(found).encode()})
    tests = list(rule_tests(bundle.source))
    assert len(tests) == found.totals()["cases"] > 20
    assert [(test.name, run(test, rules).differences) for test in tests if run(test, rules).differences] == []
    assert not any(test.confirmed for test in tests)
    assert len({test.name for test in tests}) == len(tests)


def test_the_same_rules_give_the_same_file(load):
    assert generated_yaml(made(load, *RULES)) == generated_yaml(made(load, *RULES))


MUTANTS = [
    ("> date(", ">= date(", CHECKS),
    ('"2025-12-31"', '"2026-01-01"', CHECKS),
    ("size(project.goals) > 2", "size(project.goals) >= 2", CHECKS),
    ("size(project.goals) > 2", "size(project.goals) > 3", CHECKS),
    (">= 100万元", "> 100万元", CHECKS),
    (" && project.is_new", " && !project.is_new", CHECKS),
    ("|| size", "&& size", CHECKS),
    ("i.weight > 50", "i.weight >= 50", CHECKS),
    ("i.weight > 50", "i.weight > 50.01", CHECKS),
    ('i.kind == "QUANTITATIVE" && ', "", CHECKS),
    ('"QUANTITATIVE"', '"QUALITATIVE"', CHECKS),
    ("< 30%", "<= 30%", CHECKS),
    ("> 0元", ">= 0元", CHECKS),
    ("2022-01-01: 75", "2022-01-01: 75.01", PARAMETER),
    ("2022-01-01: 75", "2022-01-01: 74.99", PARAMETER),
    ("operator: LT", "operator: LE", PARAMETER),
]


def test_generated_cases_notice_every_planted_change(load):
    """Generated on the rules as they are, they fail on each mutant."""
    text = generated_yaml(made(load, *RULES)).encode()
    unnoticed = []
    for before, after, file in MUTANTS:
        changed = FILES[file].decode().replace(before, after, 1)
        assert changed != FILES[file].decode(), before
        rules, bundle = load({GENERATED: text, file: changed.encode()})
        if not any(run(test, rules).differences for test in rule_tests(bundle.source)):
            unnoticed.append(after)
    assert unnoticed == []


def test_what_is_tested_is_not_made_again(load):
    text = generated_yaml(made(load, *RULES)).encode()
    found = generate(*load({GENERATED: text}), RULES, region="全国", rule_date=DAY, workers=1)
    assert [case.name for rule in found.rules for case in rule.cases] == []
    totals = found.totals()
    assert totals["boundary_existing"] == totals["boundary_wanted"] - sum(
        missed.goal.sort is Sort.BOUNDARY for rule in found.rules for missed in rule.missed
    )


def test_a_case_counts_for_nothing_until_it_is_confirmed(load):
    text = generated_yaml(made(load, "PLANT-01"))
    before, after = (
        examine(*load({GENERATED: content.encode()}), rule="PLANT-01", branches=False, mutation=False)
        for content in (text, text.replace("  confirm: 待确认\n", ""))
    )
    assert len(before.unconfirmed) == len(before.results) > 0
    assert (before.coverage.covered, after.unconfirmed) == (frozenset(), [])
    assert after.totals()["outcomes_covered"] > 0


def test_confirm_holds_one_word_only(load):
    text = generated_yaml(made(load, "PLANT-01")).replace("待确认", "已确认")
    _, bundle = load({GENERATED: text.encode()})
    assert all("confirm can only be 待确认" in test.fault for test in rule_tests(bundle.source))


def test_what_is_not_found_is_listed_with_the_reason(load):
    """No request has fewer than no goals, and one step of a share jumps over a third."""
    impossible = (
        FILES[CHECKS]
        .decode()
        .replace("size(project.goals) > 2", "size(project.goals) > 2 && project.requested_fen * 3 == 1元")
    )
    rules, bundle = load({CHECKS: impossible.encode()})
    found = generate(rules, bundle, ["PLANT-02"], region="全国", rule_date=DAY, workers=1)
    [rule] = found.rules
    reasons = {(missed.goal.branch.part, missed.goal.branch.case): missed.reason for missed in rule.missed}
    assert reasons["fails_when", "3 ="] in {"no_step", "not_found"}
    assert "# 没有找到例子" in generated_yaml(found)


def test_a_rule_that_does_not_run_is_said_not_to(load):
    rules, bundle = load({})
    found = generate(rules, bundle, ["GATE-09"], region="全国", rule_date=DAY, workers=1)
    assert [rule.active for rule in found.rules] == [False]
    assert "没有启用" in generated_yaml(found)


def test_numbers_stay_within_what_a_field_holds(load):
    """No year is the line: looking for one ends where the field does."""
    text = (
        FILES[CHECKS].decode().replace("project.requested_fen >= 100万元", "project.fiscal_year > 9000000000")
    )
    rules, bundle = load({CHECKS: text.encode()})
    [rule] = generate(rules, bundle, ["PLANT-02"], region="全国", rule_date=DAY, workers=1).rules
    assert {missed.goal.branch.part for missed in rule.missed} >= {"severity.RETURN"}


@pytest.mark.parametrize(
    ("file", "before", "after", "expected"),
    [
        (CHECKS, "> date(", ">= date(", ["PLANT-02"]),
        (PARAMETER, "2022-01-01: 75", "2022-01-01: 60", ["PLANT-01"]),
        (PARAMETER, "operator: LT", "operator: LE", ["PLANT-01"]),
        (CHECKS, "{level: WARN}", "{level: RETURN}", ["PLANT-01"]),
        (CHECKS, "评价不合格。", "得分不合格。", []),
    ],
)
def test_rules_changed_between_versions(load, file, before, after, expected):
    _, old = load({})
    _, new = load({file: FILES[file].decode().replace(before, after, 1).encode()})
    assert changed_rules(old, new) == changed_rules(new, old) == expected


def test_the_command_writes_a_file_once(tmp_path, load):
    load({})
    out = tmp_path / "made.yaml"
    arguments = ["rules", "generate", "PLANT-01", "--rulesets", str(tmp_path / "0"), "--out", str(out)]
    arguments += ["--region", "全国", "--date", "2025-01-01", "--workers", "1", "--lang", "zh"]
    first = CliRunner().invoke(main, arguments)
    assert first.exit_code == 0, first.output
    assert "confirm: 待确认" in out.read_text("utf-8")
    assert "都待确认" in first.output
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_the_command_takes_the_rules_that_changed(tmp_path, load):
    load({})
    load({PARAMETER: FILES[PARAMETER].replace(b"2022-01-01: 75", b"2022-01-01: 60")})
    arguments = ["rules", "generate", "--against", str(tmp_path / "1"), "--rulesets", str(tmp_path / "0")]
    done = CliRunner().invoke(
        main, [*arguments, "--format", "json", "--date", "2025-01-01", "--region", "全国"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["rules"] == 1
