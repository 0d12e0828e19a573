"""Reads the case files of this folder, and keeps the workers that tests start from outliving them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rules_service.engine.conclude import (
    AtLeast,
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
)
from rules_service.inference.life import Wear
from rules_service.inference.supervisor import Supervisor

_FOLDER = Path(__file__).parent.parent / "testdata" / "inference"


class Cases:
    """Turns the YAML of a case into decision facts and decision sets."""

    @staticmethod
    def facts(document: dict[str, Any]) -> dict[str, DecisionFact]:
        """The facts of a case by their labels."""
        return {label: _fact(*next(iter(entry.items()))) for label, entry in document.items()}

    @staticmethod
    def decisions(document: dict[str, Any]) -> DecisionSet:
        """The decision set of a case."""
        return DecisionSet.of(_rule(id_, entry) for id_, entry in document.items())


def _fact(kind: str, fields: dict[str, Any]) -> DecisionFact:
    return DecisionFact(kind, **({"n": 1} if kind == "finding" else {}) | fields)


def _rule(id_: str, entry: dict[str, Any]) -> DecisionRule:
    when = []
    for alias, condition in entry["when"].items():
        ((kind, tests),) = condition.items()
        when.append(Condition(alias, kind, {field: _test(value) for field, value in tests.items()}))
    joins = []
    for text in entry.get("joins", ()):
        left, right = (side.strip().split(".") for side in text.split("="))
        joins.append(((left[0], left[1]), (right[0], right[1])))
    return DecisionRule(id_, tuple(when), Conclusion(**entry["then"]), tuple(joins))


def _test(value: Any) -> Any:
    if isinstance(value, dict):
        return AtLeast(value["min"])
    return tuple(value) if isinstance(value, list) else (value,)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test with a ``<file>_case`` argument the cases of that file, by name."""
    for argument in metafunc.fixturenames:
        if argument.endswith("_case"):
            cases = _read(argument.removesuffix("_case"))
            metafunc.parametrize(argument, cases, ids=[case["name"] for case in cases])


def _read(name: str) -> list[dict[str, Any]]:
    path = _FOLDER / f"{name}.yaml"
    found: list[dict[str, Any]] = YAML(typ="safe").load(path.read_text("utf-8"))
    names = [case["name"] for case in found]
    assert len(set(names)) == len(names), f"{path}: names must differ"
    return found


@pytest.fixture
def limits_cases() -> list[dict[str, Any]]:
    return _read("limits")


@pytest.fixture
def conclusions_cases() -> list[dict[str, Any]]:
    return _read("conclusions")


@pytest.fixture
def cases() -> Cases:
    return Cases()


@pytest.fixture
def seed() -> int:
    chosen = int(os.environ.get("INFERENCE_SEED") or random.SystemRandom().randrange(2**32))
    print(f"INFERENCE_SEED={chosen}")  # noqa: T201 - shown when the test fails
    return chosen


@pytest.fixture
def supervisors() -> Iterator[Callable[..., Supervisor]]:
    """Makes supervisors that are closed after the test."""
    made: list[Supervisor] = []

    def make(**options: Any) -> Supervisor:
        made.append(Supervisor(**{"deadline_s": 20.0} | options))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.close()


@pytest.fixture(scope="module")
def patient() -> Iterator[Supervisor]:
    """A worker that is up, and is given all the time it needs."""
    supervisor = Supervisor(deadline_s=20.0, wear=Wear())
    assert supervisor.start(wait_s=30)
    yield supervisor
    supervisor.close()
