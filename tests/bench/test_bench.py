"""The benchmark measures what it says: valid applications, engines that agree, a report of fixed shape."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest

from bench.__main__ import Scope, run
from bench.applications import INDICATORS, ITEMS, application
from bench.conditions import CONDITIONS, records
from bench.engines import compare
from bench.inprocess import STAGES, measure
from bench.pool import LEAST_FINDINGS, make_pool, read_requests, write_requests
from bench.report import AIMS, assemble, table
from bench.service import CHANNELS, Plan
from rules_service.api import Rules
from rules_service.pb.budget.rules.v1.result_pb2 import DECISION_APPROVE
from rules_service.server.places import default_rulesets

HEADLINES = {*AIMS, "speedup_vs_zen", "speedup_vs_cel", "speedup_vs_durable"}


@pytest.fixture(scope="module")
def rules():
    rulesets = default_rulesets()
    assert rulesets is not None
    with Rules.load(rulesets, concluder="chainer") as loaded:
        yield loaded


def test_applications_have_the_size_that_is_told_and_all_differ():
    made = [application(number, faulty=True) for number in range(50)]
    assert {len(request.project.goals[0].indicators) for request in made} == {INDICATORS}
    assert {len(request.project.cost_items) for request in made} == {ITEMS}
    assert len({request.project.SerializeToString() for request in made}) == len(made)


def test_an_application_without_faults_has_no_findings(rules: Rules):
    for number in range(20):
        answer = rules.review(application(number, faulty=False))
        assert answer.decision == DECISION_APPROVE
        assert [finding.rule_id for finding in answer.findings] == []


def test_other_texts_keep_the_faults():
    one, other = application(3, faulty=True), application(3, faulty=True, texts=1)
    assert one.project.project_name != other.project.project_name
    assert one.project.is_new == other.project.is_new
    assert one.project.readiness == other.project.readiness


def test_every_request_of_the_pool_has_enough_findings(rules: Rules, tmp_path: Path):
    pool = make_pool(rules, 10)
    assert all(entry.findings >= LEAST_FINDINGS for entry in pool)
    assert len({entry.digest for entry in pool}) == len(pool)
    write_requests(tmp_path / "pool", [entry.request for entry in pool])
    assert read_requests(tmp_path / "pool") == [entry.request for entry in pool]


def test_each_condition_is_met_sometimes_and_the_engines_agree():
    # `compare` raises if an engine answers otherwise than ours on any record.
    answer = compare(60, 1)
    assert answer["conditions"] == len(CONDITIONS) == 20
    assert answer["records"] == 60
    assert set(answer["speedup"]) == {"zen", "cel", "durable"}
    assert 0.1 < answer["holding_share"] < 0.9


def test_records_lack_optional_fields_here_and_there():
    made = records(60)
    assert {("prior" in record, "upper" in record) for record in made} == {
        (prior, upper) for prior in (True, False) for upper in (True, False)
    }


def test_the_stages_are_those_of_a_review(rules: Rules):
    answer = measure(rules, make_pool(rules, 3), 1, 0.0)
    for kind in ("faulty", "clean"):
        assert tuple(answer[kind]["stages_us"]) == STAGES
        assert answer[kind]["condition_evaluations"] > 100
    assert answer["faulty"]["findings"] >= LEAST_FINDINGS
    assert answer["clean"]["findings"] == 0


def test_the_lowest_ratio_is_the_headline():
    one = dict.fromkeys(
        (
            "review_per_s",
            "empty_per_s",
            "review_server_cpu_us",
            "empty_server_cpu_us",
            "review_vs_empty_server_cpu",
            "client_cpu_us",
        ),
        1.0,
    )
    stages = dict.fromkeys(STAGES, 1.0)
    kind = dict.fromkeys(
        ("findings", "condition_evaluations", "answer_bytes", "message_to_message_us"), 1.0
    ) | {"stages_us": stages}
    report = assemble(
        machine={"processors": 2, "load_average": 0.5, "python": "3.11", "empty_loop_ns": 20.0},
        service={
            "requests": 500,
            "request_bytes": 4000,
            "answer_bytes": 9000,
            "findings": {"least": 10, "mean": 12.0},
            "answers_compared": 7,
            "throughput": {"1": one | {"review_vs_empty": 0.8}, "8": one | {"review_vs_empty": 0.75}},
            "latency": dict.fromkeys(
                ("rate_per_s", "p50_ms", "p90_ms", "p99_ms", "max_ms", "generator_late_p99_ms"), 4.0
            ),
        },
        in_process={
            "faulty": kind | {"bytes_to_bytes_us": 70.0},
            "clean": kind | {"bytes_to_bytes_us": 20.0},
            "new_texts_us": 90.0,
        },
        engines={
            "conditions": 20,
            "records": 9,
            "us_per_condition": dict.fromkeys(
                ("ours", "zen_together", "zen_alone", "cel_together", "cel_alone", "durable"), 1.0
            ),
            "speedup": {"zen": 3.0, "cel": 4.0, "durable": 5.0},
        },
    )
    headlines = {name: report[name] for name in HEADLINES}
    assert headlines == {
        "review_vs_empty": 0.75,
        "p99_ms_at_80": 4.0,
        "review_us": 70.0,
        "speedup_vs_zen": 3.0,
        "speedup_vs_cel": 4.0,
        "speedup_vs_durable": 5.0,
    }
    text = table(report)
    assert all(name in text for name in HEADLINES)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.long
def test_a_run_writes_the_report_and_prints_the_table(tmp_path: Path):
    text = run(Scope(20, 5, Plan(1, 0.3, 1, 0.5), 1, 0.0, 10), tmp_path / "build" / "bench.json")
    report = orjson.loads((tmp_path / "build" / "bench.json").read_bytes())
    assert set(report) >= HEADLINES
    assert all(isinstance(report[name], float) and report[name] > 0 for name in HEADLINES)
    assert set(report["service"]["throughput"]) == {str(count) for count in CHANNELS}
    assert report["service"]["answers_compared"] > 0
    assert report["service"]["findings"]["least"] >= LEAST_FINDINGS
    assert re.search(r"review_vs_empty +\d", text)
