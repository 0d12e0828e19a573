"""A place that exists for tests only: cases that no shipped place opens, and rules about every kind of list.

The overlay in ``testdata/example_place`` is added to the shipped rules; its rule tests must hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from rules_service import api
from rules_service.authoring.rule_tests import RuleTest, rule_tests
from rules_service.authoring.running import run
from rules_service.compile.sources import read_ruleset

ROOTS = (Path(__file__).parents[2] / "rulesets", Path(__file__).parents[1] / "testdata" / "example_place")
TESTS = [test for test in rule_tests(read_ruleset(*ROOTS)) if test.source.file.startswith("overlays/江苏/")]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[api.Rules]:
    """One ruleset of both folders."""
    folder = tmp_path_factory.mktemp("rulesets")
    for root in ROOTS:
        copytree(root, folder, dirs_exist_ok=True)
    with api.Rules.load(folder, concluder="chainer") as loaded:
        yield loaded


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_a_rule_test_of_the_example_place_holds(test: RuleTest, rules: api.Rules) -> None:
    assert run(test, rules).differences == ()


def test_the_example_place_has_tests() -> None:
    files = {test.source.file.rpartition("/")[2] for test in TESTS}
    assert files == {
        "cost_benefit.yaml",
        "gates.yaml",
        "monitoring.yaml",
        "relevance.yaml",
        "standards.yaml",
        "subjects.yaml",
    }
