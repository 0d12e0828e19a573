"""The answer to every sample as a file: what a change of rules or engine changes for hosts, in a diff."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from google.protobuf import json_format

from rules_service import api
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.server.places import default_rulesets
from tests.paths.corpus import samples

SAMPLES = dict(samples())


@pytest.fixture(scope="module")
def rules() -> Iterator[api.Rules]:
    folder = default_rulesets()
    assert folder is not None
    with api.Rules.load(folder, concluder="chainer") as loaded:
        yield loaded


@pytest.mark.parametrize("name", SAMPLES)
def test_the_answer_to_a_sample(rules, golden, name):
    """Left out is what changes with every edit of a ruleset: its hash, the digest, the engine's version."""
    request = SAMPLES[name]
    answer = rules.review(request) if isinstance(request, ReviewRequest) else rules.assess(request)
    answer.ClearField("digest")
    for field in ("hash", "engine_version", "concluded_by"):
        answer.stamp.ClearField(field)
    for entry in getattr(answer, "history_entries", ()):
        entry.ClearField("digest")
    document = json_format.MessageToDict(answer, preserving_proto_field_name=True)
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    golden(f"../golden/{name}", text)


def test_no_golden_file_is_left_over(golden):  # noqa: ARG001 - marks the test as golden
    folder = Path(__file__).parent
    lying = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.json")}
    assert lying == set(SAMPLES)
