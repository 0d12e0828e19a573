"""The ruleset of the semantics, and rules of a test's own that it may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rules_service import api
from rules_service.engine.engine import Fault
from rules_service.engine.prepared import Prepared
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from tests.paths.cases import RULESET, Answer, Request


@dataclass
class Own:
    """Rules that one test may spoil, and the faults that they report."""

    rules: api.Rules
    faults: list[Fault] = field(default_factory=list)

    def prepared(self, request: Request) -> Prepared:
        """What answers a request."""
        return self.rules.prepared(self.rules.snapshot().view(request))

    def answer(self, request: Request) -> Answer:
        """The answer of the Python API."""
        if isinstance(request, ReviewRequest):
            return self.rules.review(request)
        return self.rules.assess(request)


@pytest.fixture
def own() -> Iterator[Own]:
    faults: list[Fault] = []
    with api.Rules.load(RULESET, concluder="chainer", on_fault=faults.append) as rules:
        yield Own(rules, faults)


@pytest.fixture(scope="module")
def rules() -> Iterator[api.Rules]:
    with api.Rules.load(RULESET, concluder="chainer") as loaded:
        yield loaded


Variant = Callable[[str, str, str], api.Rules]


@pytest.fixture(scope="module")
def variant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Variant]:
    """``variant(file, old, new)``: rules in which one text of one file is another."""
    made: list[api.Rules] = []

    def make(file: str, old: str, new: str) -> api.Rules:
        folder = tmp_path_factory.mktemp("variant") / "ruleset"
        shutil.copytree(RULESET, folder)
        path: Path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
        made.append(api.Rules.load(folder, concluder="chainer"))
        return made[-1]

    yield make
    for rules in made:
        rules.close()
