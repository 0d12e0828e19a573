"""The history of the impact benchmark: valid requests, all different, the same in every run."""

from __future__ import annotations

import json

from google.protobuf import json_format

from bench.impact import histories
from rules_service.facts.limits import Limits
from rules_service.facts.structure import violations
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest


def test_histories_are_valid_and_all_different() -> None:
    made = list(histories(182))  # every sample twice
    for one in made:
        kind = AssessRequest if "report" in one else ReviewRequest
        assert violations(json_format.ParseDict(one, kind()), Limits()) == []
    assert len({json.dumps(one) for one in made}) == len(made)


def test_histories_are_the_same_in_every_run() -> None:
    assert list(histories(30)) == list(histories(30))
