"""Whatever a request holds, reading it never raises, and both paths of reading agree."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from rules_service.facts.computed import COMPUTATIONS
from rules_service.facts.context import FactContext
from rules_service.facts.extract import Extractor, FactSet
from rules_service.facts.fields import plain_fact
from rules_service.facts.limits import Limits
from rules_service.facts.missing import Missing
from rules_service.facts.polarity import PolarityDictionary
from rules_service.facts.predicate import sound
from rules_service.facts.reading import Reader
from rules_service.facts.structure import violations
from rules_service.facts.units import UnitTable
from rules_service.facts.vague import VagueList
from rules_service.facts.vocabulary import IndicatorTree, Vocabulary
from rules_service.language.layout import HAS, Layout
from rules_service.model.catalogue import Catalogue
from rules_service.model.subjects import LISTS, SCORE, SUBJECTS
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.options_pb2 import Section
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest

CATALOGUE = Catalogue.load()
SECTIONS = [value.number for value in Section.DESCRIPTOR.values if value.number]
ROOT_FIELDS = {"project", "report", "context"} | {
    each.in_assessment for each in SUBJECTS.values() if each.in_assessment
}
WORDS = [
    "I1",
    "I2",
    "95",
    "-0.5",
    "1e5",
    "９５",
    "无",
    "≥95%",
    "三所",
    "1.2万人次",
    "5期、500人次",
    "2024-07-31",
    "2024-02",
    "2024-02-30",
    "12月底前",
    "%",
    "人次",
    "万元",
    "元/人天",
    "天",
    "部级",
    "北京",
    "产出",
    "数量",
    "2021",
    "申报",
    "涉密",
    "差旅费",
    "显著提高",
    "indicator.weight",
    "project.ex_ante",
    "project.reviews",
    "project.budget_review",
    "report.prior_reports",
    "evaluation.issues",
]
TEXTS = st.one_of(
    st.sampled_from(["", " ", "\u200b", "a\x00b"]),
    st.sampled_from(WORDS),
    st.text(max_size=12),
)
INTEGERS = st.sampled_from([0, 1, -1, 2024, 99, 5000, 10**16, -(10**16)])


def row(**columns: str) -> dict[str, str]:
    return {"aliases": "", "base": "", "factor": "1", "case": "", "priced_as": ""} | columns


CONTEXT = FactContext(
    vocabularies={
        "project.stage": Vocabulary.of([("申报", ["一上"])]),
        "indicator.lv1_code": Vocabulary.of([("产出", [])]),
    },
    trees={"2021": IndicatorTree({"产出": frozenset({"数量"})})},
    units=UnitTable(
        [
            row(unit="人次", dimension="数量"),
            row(unit="天", dimension="时间"),
            row(unit="元", dimension="金额"),
            row(unit="万元", dimension="金额", base="元", factor="10000"),
            row(unit="比例", dimension="比率"),
            row(unit="%", dimension="比率", base="比例", factor="1/100"),
        ]
    ),
    polarity=PolarityDictionary(
        [{"term": "合格率", "where": "name", "polarity": "POSITIVE", "natural_max": "100"}]
    ),
    vague=VagueList([{"term": "显著", "followed_by": []}]),
    placeholders=frozenset({"无"}),
    exempt_reasons=frozenset({"涉密"}),
    include_carry_in=True,
)


def scalar(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.type == FieldDescriptor.TYPE_STRING:
        return TEXTS
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    if field.type == FieldDescriptor.TYPE_ENUM:
        return st.integers(0, 12)
    limit = 2**31 - 1 if field.type == FieldDescriptor.TYPE_INT32 else 2**63 - 1
    return INTEGERS.filter(lambda number: abs(number) <= limit)


def fields_of(descriptor: Descriptor) -> list[FieldDescriptor]:
    return list(descriptor.fields)


@st.composite
def messages(draw: st.DrawFn, kind: type[Message]) -> Any:
    message = kind()
    fill(draw, message, 0)
    return message


def fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    chosen = draw(
        st.sets(st.sampled_from([field.name for field in fields_of(message.DESCRIPTOR)]), max_size=14)
    )
    always = {"context", "project", "goals", "cost_items", "indicators", "report", "provided"}
    for field in fields_of(message.DESCRIPTOR):
        if field.name not in chosen | always:
            continue
        if field.name == "provided":
            message.provided.extend(
                draw(st.one_of(st.just(SECTIONS), st.lists(st.sampled_from([0, *SECTIONS]), max_size=6)))
            )
        elif field.message_type is not None and field.is_repeated:
            for _ in range(draw(st.integers(0, 3))):
                fill(draw, getattr(message, field.name).add(), depth + 1)
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            fill(draw, getattr(message, field.name), depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).extend(draw(st.lists(scalar(field), max_size=3)))
        else:
            setattr(message, field.name, draw(scalar(field)))


def full_layout() -> Layout:
    """Every fact of the catalogue, and the presence of each."""
    slots: dict[str, list[str]] = {}
    for fact in CATALOGUE:
        own = slots.setdefault(fact.subject, [])
        if fact.kind != "record":
            own.append(fact.short)
        own.append(HAS + fact.short)
    return Layout({subject: tuple(names) for subject, names in slots.items()})


LAYOUT = full_layout()
EXTRACTOR = Extractor(LAYOUT, CONTEXT)


def check_rows(
    facts: FactSet, reader: Reader, subject: str, row_: tuple[Any, ...], indices: tuple[int, ...]
) -> None:
    """Each slot of a row, on the explaining path; then the rows of its lists."""
    for slot, value in zip(LAYOUT.of(subject), row_, strict=True):
        name = f"{subject}.{slot.removeprefix(HAS)}"
        why = EXTRACTOR.why(facts, subject, indices, slot)
        assert (value is None) == (why is not None), (name, slot, value, why)
        if value is None:
            assert isinstance(why, Missing)
            assert why.path.split(".")[0].split("[")[0] in ROOT_FIELDS
            assert why.name
            continue
        if slot.startswith(HAS):
            assert reader.has(name, indices) == value, name
        elif name in LISTS:
            assert len(reader.value(name, indices)) == len(value), name
            for index, inner in enumerate(value):
                check_rows(facts, reader, LISTS[name].name, inner, (*indices, index))
        elif name not in COMPUTATIONS or "@seen" not in COMPUTATIONS[name].inputs:
            assert reader.value(name, indices) == value, name
        path, raw = EXTRACTOR.cell(facts, name, indices)
        assert isinstance(raw, str)
        assert path


@settings(max_examples=60)
@given(messages(ReviewRequest))
def test_a_review_is_read_whatever_it_holds(request: ReviewRequest) -> None:
    facts = EXTRACTOR.review(request)
    check_rows(facts, Reader(facts.source, CONTEXT), "project", facts.project, ())


@settings(max_examples=60)
@given(messages(AssessRequest))
def test_an_assessment_is_read_whatever_it_holds(request: AssessRequest) -> None:
    facts = EXTRACTOR.assess(request)
    reader = Reader(facts.source, CONTEXT)
    check_rows(facts, reader, "project", facts.project, ())
    if facts.report is not None:
        check_rows(facts, reader, "report", facts.report, ())


def full(message: Any, depth: int = 0) -> Any:
    """Everything sent, two elements in each list."""
    for field in fields_of(message.DESCRIPTOR):
        if field.name in {"provided", "not_held", "exempt"}:
            continue
        if field.message_type is not None and field.is_repeated:
            for _ in range(2):
                full(getattr(message, field.name).add(), depth + 1)
        elif field.message_type is not None:
            full(getattr(message, field.name), depth + 1)
        elif field.is_repeated:
            getattr(message, field.name).append(VALUES[field.type])
        else:
            setattr(message, field.name, VALUES[field.type])
    return message


VALUES: dict[int, Any] = {
    FieldDescriptor.TYPE_STRING: "2024-02",
    FieldDescriptor.TYPE_BOOL: True,
    FieldDescriptor.TYPE_ENUM: 1,
    FieldDescriptor.TYPE_INT32: 2024,
    FieldDescriptor.TYPE_INT64: 5000,
}
LISTED = sorted(name for name, each in LISTS.items() if not each.by_engine)


def rows_of(facts: FactSet, subject: str) -> list[Any]:
    """All tuples of rows of a subject, one for each of its parents; ``None`` for an unknown list."""
    row = SUBJECTS[subject]
    if not row.parent:
        return [facts.report if subject == "report" else facts.project]
    around = (
        [found for rows in rows_of(facts, row.parent) for found in rows or ()]
        if SUBJECTS[row.parent].parent
        else rows_of(facts, row.parent)
    )
    return [parent[LAYOUT.index(row.parent, row.list)] for parent in around]


def assessed(**context: Any) -> FactSet:
    request = full(AssessRequest())
    request.context.provided.extend(context.get("provided", SECTIONS))
    request.context.not_held.extend(context.get("not_held", ()))
    facts = EXTRACTOR.assess(request)
    reader = Reader(facts.source, CONTEXT)
    check_rows(facts, reader, "project", facts.project, ())
    if facts.report is not None:
        check_rows(facts, reader, "report", facts.report, ())
    return facts


@pytest.mark.parametrize("listed", LISTED)
def test_every_list_of_subjects_is_read(listed: str) -> None:
    """Two elements in each list; the list is unknown where its section, or the host, does not have it."""
    subject = LISTS[listed].name
    assert [len(rows) for rows in rows_of(assessed(), subject)] == [2] * 2 ** (LISTS[listed].depth - 1)
    assert set(rows_of(assessed(not_held=[listed]), subject)) == {None}
    section = plain_fact(listed).section
    if section:
        without = [number for number in SECTIONS if number != section]
        facts = assessed(provided=without)
        assert facts.report is None or set(rows_of(facts, subject)) == {None}


def test_a_list_that_the_engine_makes_is_empty_until_then() -> None:
    """Score sheets are facts only after they were worked out, whatever was sent of them."""
    assert rows_of(assessed(), SCORE) == [()]


@pytest.mark.parametrize("listed", [name for name in LISTED if LISTS[name].depth == 1])
def test_a_list_of_a_provided_section_may_be_empty(listed: str) -> None:
    """Nothing sent in a provided section is an empty list, not an unknown one."""
    request = AssessRequest()
    request.context.provided.extend(SECTIONS)
    request.project.SetInParent()
    request.report.SetInParent()
    assert rows_of(EXTRACTOR.assess(request), LISTS[listed].name) == [()]


@pytest.mark.parametrize("subject", list(SUBJECTS))
def test_chinese_names_of_facts_begin_with_their_subject(subject: str) -> None:
    """People find a fact under the name of its subject."""
    assert {fact.zh.partition(".")[0] for fact in CATALOGUE.of(subject)} == {SUBJECTS[subject].zh}


@settings(max_examples=60)
@given(st.one_of(messages(ReviewRequest), messages(AssessRequest)), st.sampled_from([None, 10**6]))
def test_structure_never_raises_and_its_two_paths_agree(request: Message, size: int | None) -> None:
    limits = Limits(goals=2, indicators=2, items=2, others=2, text=8, identifier=4)
    found = violations(request, limits, size)
    quick = sound(request, limits, 10**6)
    assert not (found and quick)
    if not found:
        assert not violations(request, limits)
    assert all(violation.path for violation in found)


@settings(max_examples=60)
@given(messages(ReviewRequest))
def test_a_classified_project_is_read_the_same_and_leaves_nothing_behind(request: ReviewRequest) -> None:
    request.project.classified = False
    plain = EXTRACTOR.review(request)
    fresh = Extractor(LAYOUT, CONTEXT)
    request.project.classified = True
    secret = fresh.review(request)
    position = LAYOUT.index("project", "classified"), LAYOUT.index("project", "has:classified")
    for index, (left, right) in enumerate(zip(plain.project, secret.project, strict=True)):
        assert index in position or left == right
    assert not fresh._memories[True].codes
    assert not len(fresh._memories[True].texts["V"])


def test_every_computed_fact_has_a_function_of_its_name() -> None:
    """The catalogue and the register name each other."""
    computed = {fact.name: fact.computed for fact in CATALOGUE if fact.computed}
    assert {name: each.function.__name__ for name, each in COMPUTATIONS.items()} == computed


@pytest.mark.parametrize("fact", [fact.name for fact in CATALOGUE if not fact.computed])
def test_every_plain_fact_has_a_field(fact: str) -> None:
    """The path of the catalogue exists in the contract."""
    assert plain_fact(fact).path
