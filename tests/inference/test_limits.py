"""What durable-rules may be given: the cases of limits.yaml, facts, shards and ids."""

from __future__ import annotations

from typing import Any

import pytest

from rules_service.engine.conclude import (
    Conclusion,
    Condition,
    DecisionFact,
    DecisionRule,
    DecisionSet,
    any_pass_fact,
    band_fact,
    finding_fact,
    history_fact,
    sorted_facts,
)
from rules_service.inference.chainer import Chainer
from rules_service.inference.limits import (
    MAX_FACTS,
    MAX_RULES,
    MAX_VALUES,
    OutsideVocabularyError,
    check_limits,
    require_facts,
    require_limits,
)
from rules_service.inference.supervisor import Supervisor
from rules_service.inference.texts import TEXTS
from rules_service.inference.translate import MAX_MATCHES, translate


def test_cases(cases: Any, limits_case: dict[str, Any]):
    found = check_limits(cases.decisions(limits_case["decisions"]))
    assert limits_case["codes"] == sorted(each.code for each in found)
    for text in [each.en for each in found]:
        assert limits_case.get("mentions", "") in text


def test_diagnostics_speak_both_languages_and_name_the_rule():
    decisions = DecisionSet.of([DecisionRule("DEC-1", (Condition("a", "odd", {}),), Conclusion(tag="T"))])
    (found,) = check_limits(decisions)
    assert found.rule == "DEC-1"
    assert "DEC-1" in found.zh
    assert "odd" in found.zh
    assert "odd" in found.en
    assert found.cure_zh
    assert found.cure_en


def test_every_text_is_used(limits_cases: list[dict[str, Any]]):
    """A code that no check can give would be dead text."""
    one = Condition("a", "any_pass", {})
    rule = DecisionRule("DEC-1", (one,), Conclusion(tag="T"))
    given = {each.code for each in check_limits(DecisionSet("h", (rule, rule)))}
    given |= {each.code for each in check_limits(DecisionSet("h", (rule,) * (MAX_RULES + 1)))}
    doubled = DecisionRule("DEC-1", (one, one), Conclusion(tag="T"))
    given |= {each.code for each in check_limits(DecisionSet("h", (doubled,)))}
    words = tuple(f"W{number}" for number in range(MAX_VALUES + 1))
    many = DecisionRule("DEC-1", (Condition("a", "finding", {"rule": words}),), Conclusion(tag="T"))
    given |= {each.code for each in check_limits(DecisionSet("h", (many,)))}
    given |= {code for case in limits_cases for code in case["codes"]}
    assert set(TEXTS) == given


def test_require_limits_refuses():
    with pytest.raises(OutsideVocabularyError, match="DEC-NO-CONDITION"):
        require_limits(DecisionSet.of([DecisionRule("DEC-1", (), Conclusion(tag="T"))]))


GOOD = sorted_facts(
    [finding_fact("A", "FAIL"), history_fact(-4, "A", "FAIL"), band_fact("a", "优"), any_pass_fact()]
)


def test_good_facts_pass():
    assert require_facts(GOOD) == GOOD


def test_equal_facts_become_one_object():
    """Memory of many questions shares their facts."""
    first, second = (require_facts((finding_fact("SHARED", "FAIL"),))[0] for _ in range(2))
    assert first is second


@pytest.mark.parametrize(
    "fact",
    [
        DecisionFact("project"),
        DecisionFact("conclusion", rule="DEC-1", tag="T"),
        finding_fact("A", "FAIL")._replace(level="RED"),
        finding_fact("A", "FAIL")._replace(n=0),
        finding_fact("A", "FAIL")._replace(n=4),
        finding_fact("A", "FAIL")._replace(open=2),
        finding_fact("A", "FAIL", subject="the first goal"),
        finding_fact("A", "FAIL", severity='"'),
        finding_fact("A" * 65, "FAIL"),
        history_fact(0, "A", "FAIL"),
        history_fact(-5, "A", "FAIL"),
        band_fact("total", "-"),
        band_fact("total", 3),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_bad_facts_are_refused_every_time(fact: DecisionFact):
    for _ in range(2):
        with pytest.raises(OutsideVocabularyError):
            require_facts((fact,))


def test_facts_must_be_sorted_distinct_and_not_too_many():
    with pytest.raises(OutsideVocabularyError, match="sorted"):
        require_facts(GOOD[::-1])
    with pytest.raises(OutsideVocabularyError, match="distinct"):
        require_facts((GOOD[0], GOOD[0]))
    with pytest.raises(OutsideVocabularyError, match="most"):
        require_facts(sorted_facts(band_fact(f"b{n}", "A") for n in range(MAX_FACTS + 1)))


def fnv(text: str) -> int:
    """The hash by which durable-rules finds a fact by its id."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 16_777_619) % 2**32
    return value


def test_ids_do_not_collide():
    """No two ids that one question can use have one hash, the library's own of the session included."""
    ids = ["sid-1", "$pulse"]
    ids += [f"f{number}" for number in range(MAX_FACTS)]
    ids += [f"c{number}" for number in range(MAX_RULES)]
    ids += [f"p{number}.{part}" for number in range(MAX_RULES) for part in range(3)]
    assert len({fnv(id_) for id_ in ids}) == len(ids)


def crowd(size: int, tests: dict[str, Any]) -> DecisionSet:
    """A set of ``size`` decisions that one fact fires all together."""
    return DecisionSet.of(
        DecisionRule(f"DEC-{number:03}", (Condition("a", "finding", tests),), Conclusion(tag=f"T{number}"))
        for number in range(size)
    )


@pytest.mark.parametrize(
    "tests", [{}, {"rule": ("A",)}, {"rule": ("A", "B"), "severity": ("", "RED")}], ids=repr
)
def test_what_one_fact_meets_is_spread_over_shards(tests: dict[str, Any], patient: Supervisor):
    """200 conditions that one fact meets, where the library dies of 65 in one ruleset."""
    decisions = crowd(200, tests)
    network = translate(decisions)
    assert len(network.shards) == -(-200 // MAX_MATCHES)
    facts = sorted_facts([finding_fact("A", "FAIL"), finding_fact("B", "FAIL", severity="RED")])
    assert Chainer().conclude(decisions, facts).fired == patient.ask(decisions, facts)


def test_conditions_on_different_rules_share_a_shard():
    decisions = DecisionSet.of(
        DecisionRule(
            f"DEC-{number}", (Condition("a", "finding", {"rule": (f"R{number}",)}),), Conclusion(tag="T")
        )
        for number in range(90)
    )
    assert len(translate(decisions).shards) == 1


def test_wide_sets(patient: Supervisor):
    """Conditions with as many alternatives as are allowed, and many of them."""
    words = tuple(f"R{number}" for number in range(MAX_VALUES))
    decisions = DecisionSet.of(
        DecisionRule(
            f"DEC-{number}",
            (Condition("a", "finding", {"rule": words}), Condition("b", "history", {"rule": words})),
            Conclusion(tag="T"),
            ((("a", "rule"), ("b", "rule")),),
        )
        for number in range(40)
    )
    assert check_limits(decisions) == ()
    facts = [finding_fact(word, "FAIL") for word in words] + [
        history_fact(-1, word, "FAIL") for word in words
    ]
    question = sorted_facts(facts[:-1])
    fired = patient.ask(decisions, question)
    assert Chainer().conclude(decisions, question).fired == fired
    assert len(fired) == 40
    assert len(fired[0].premises) == 2 * len(words) - 2


def test_conditions_without_a_join_do_not_multiply(patient: Supervisor):
    """Three conditions that 150 facts meet each: 3,375,000 ways, which nobody may go through."""
    decisions = DecisionSet.of(
        [
            DecisionRule(
                "DEC-1",
                tuple(Condition(alias, "finding", {"outcome": ("FAIL",)}) for alias in "abc"),
                Conclusion(tag="T"),
            )
        ]
    )
    facts = sorted_facts(finding_fact(f"R{number}", "FAIL") for number in range(150))
    fired = patient.ask(decisions, facts)
    assert Chainer().conclude(decisions, facts).fired == fired
    assert facts == fired[0].premises
