"""The rulesets of the tests of this folder, loaded once, and every route over them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rules_service import api
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from tests.paths.cases import RULESET, Case, cases
from tests.paths.routes import PROJECT, Result, Route, Served, by_command, by_python, by_replay, served

ROUTES = ("python", "grpc", "batch", "command", "process", "replay")


def _other(folder: Path) -> Path:
    """The ruleset of the cases as another bundle: version 0, for 2020 only, without 县丙."""
    made = folder / "other"
    shutil.copytree(RULESET, made)
    head = (made / "ruleset.yaml").read_text("utf-8")
    head = head.replace("id: semantics", "id: other").replace('version: "1"', 'version: "0"')
    head += "effective_from: 2020-01-01\neffective_to: 2020-12-31\n"
    (made / "ruleset.yaml").write_text(head, "utf-8")
    regions = (made / "regions.yaml").read_text("utf-8").splitlines()
    kept = [line for line in regions if "县丙" not in line]
    assert len(kept) == len(regions) - 1
    (made / "regions.yaml").write_text("\n".join(kept) + "\n", "utf-8")
    return made


@pytest.fixture(scope="session")
def roots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """The ruleset of the cases, and the other one that only a pin reaches."""
    return (RULESET, _other(tmp_path_factory.mktemp("rulesets")))


@pytest.fixture(scope="session")
def rules(roots: tuple[Path, ...]) -> Iterator[api.Rules]:
    with api.Rules.load(*roots) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def service(rules: api.Rules) -> Iterator[Served]:
    with served(rules) as running:
        yield running


@pytest.fixture(scope="session")
def routes(
    rules: api.Rules,
    service: Served,
    roots: tuple[Path, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Route]:
    """Every route over the rulesets of the cases."""
    return {
        "python": by_python(rules),
        "grpc": service.review,
        "batch": service.batch,
        "command": by_command(roots, tmp_path_factory.mktemp("command")),
        "process": by_command(roots, tmp_path_factory.mktemp("process"), process=True),
        "replay": by_replay(rules),
    }


class Results:
    """The results of all cases, a route at a time, worked out when first asked for."""

    def __init__(self, routes: dict[str, Route]) -> None:
        self._routes = routes
        self._cases = cases()
        self._known: dict[str, dict[str, Result | None]] = {}

    def of(self, route: str, case: Case) -> Result | None:
        """The result of one case on one route; ``None`` where the route does not serve it."""
        if route not in self._known:
            answers = self._routes[route]([one.request for one in self._cases])
            self._known[route] = {one.id: answer for one, answer in zip(self._cases, answers, strict=True)}
        return self._known[route][case.id]


@pytest.fixture(scope="session")
def results(routes: dict[str, Route]) -> Results:
    return Results(routes)


@pytest.fixture(scope="session")
def national_roots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """A copy of the project's own rulesets, so that editing them does not disturb a long run."""
    copy = tmp_path_factory.mktemp("national") / "rulesets"
    shutil.copytree(PROJECT / "rulesets", copy)
    return (copy,)


@pytest.fixture(scope="session")
def national(national_roots: tuple[Path, ...]) -> Iterator[api.Rules]:
    """The project's own rulesets."""
    with api.Rules.load(*national_roots) as loaded:
        yield loaded


def pytest_generate_tests(metafunc: Any) -> None:
    """``case`` and ``route`` run a test for every case of whole answers, on every route that serves it."""
    if {"case", "route"} <= set(metafunc.fixturenames):
        pairs = [
            pytest.param(case, route, id=f"{case.id}-{route}")
            for case in cases()
            for route in ROUTES
            if route != "batch" or isinstance(case.request, ReviewRequest)  # assessments have no batch
        ]
        metafunc.parametrize(("case", "route"), pairs)
