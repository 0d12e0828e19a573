"""The rules of core indicators where a library is in force: the shipped rules and an invented place.

The cases are rule tests in files that policy staff can read; all outcomes of REL-02 are among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rules_service import api
from rules_service.authoring.cases import Cases
from rules_service.authoring.coverage import outcome_coverage
from rules_service.authoring.in_force import InForce
from rules_service.authoring.mutants import mutants
from rules_service.authoring.rule_tests import RuleTest, rule_tests
from rules_service.authoring.running import run
from rules_service.authoring.trials import Fate, Trials
from rules_service.compile.bundle import compile_bundle
from rules_service.compile.possible import possible_outcomes
from rules_service.compile.sources import read_ruleset
from rules_service.model.ruleset import RulesetSource
from tests import sample_city


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_city.build(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def source(folder: Path) -> RulesetSource:
    return read_ruleset(folder)


@pytest.fixture(scope="module")
def tests(source: RulesetSource) -> list[RuleTest]:
    return [test for test in rule_tests(source) if sample_city.NAME in test.source.file]


@pytest.fixture(scope="module")
def rules(folder: Path) -> Iterator[api.Rules]:
    with api.Rules.load(folder, concluder="chainer") as loaded:
        yield loaded


def test_cases(tests: list[RuleTest], rules: api.Rules) -> None:
    """Every case gives what it expects."""
    faults = {test.place: result.differences for test in tests if (result := run(test, rules)).differences}
    assert len(tests) > 20
    assert faults == {}


def test_all_outcomes(tests: list[RuleTest], rules: api.Rules, source: RulesetSource) -> None:
    """Where a library is in force REL-02 can have more outcomes than in the base; all of them have a case."""
    possible = {"REL-02": possible_outcomes(compile_bundle(source))["REL-02"]}
    assert len(possible["REL-02"]) == 5
    assert outcome_coverage((run(test, rules) for test in tests), possible).uncovered == []


def test_what_is_offered_shows_in_mutants(tests: list[RuleTest], rules: api.Rules) -> None:
    """The setting changes no finding, only what is offered; a test of that notices it."""
    [bundle] = rules.snapshot().bundles
    in_force = InForce(bundle)
    named = [mutant for mutant in mutants(bundle, in_force) if "offer_reference_values" in mutant.id]
    of_city = [mutant for mutant in named if sample_city.NAME in mutant.id]
    assert len(of_city) == 2
    others = [test for test in tests if "offered" not in test.expect]
    for chosen, fate in ((tests, Fate.KILLED), (others, Fate.SURVIVED)):
        trials = Trials(Cases(rules, bundle, in_force, chosen), bundle)
        assert {trials.try_out(mutant).fate for mutant in of_city} == {fate}
