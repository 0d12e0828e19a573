"""Cases of facts: what is read from a request, and why what is missing is missing.

A case file holds cases with `name`; `review` or `assess`: the request as protobuf JSON; `context`: what
the place says (optional); `facts`: value by fact and indices, `indicator.weight[0,3]`; `missing`:
[reason, path] or [reason, path, name of the fact to blame].  Every fact is read on both paths, the
generated one and the one that explains, and both must agree.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from ruamel.yaml import YAML

from rules_service.facts.context import FactContext
from rules_service.facts.extract import Extractor, FactSet
from rules_service.facts.missing import Missing
from rules_service.facts.standards import Standards
from rules_service.facts.vocabulary import ContentSet, IndicatorTree, Vocabulary
from rules_service.facts.wordlists import read_word_lists
from rules_service.language.layout import HAS, Layout
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.diagnostics import Source
from rules_service.model.quantity_rules import read_quantity_rule
from rules_service.model.standard_rows import StandardRow
from rules_service.model.subjects import LISTS, SUBJECTS
from rules_service.pb.budget.rules.v1.monitoring_service_pb2 import AssessRequest
from rules_service.pb.budget.rules.v1.review_service_pb2 import ReviewRequest
from rules_service.values.dates import date_text, parse_date
from rules_service.values.numbers import fixed_text, parse_fixed
from rules_service.values.outcomes import Proof

TESTDATA = Path(__file__).resolve().parent.parent / "testdata"
WORDLISTS = Path(__file__).resolve().parents[2] / "rulesets" / "national" / "wordlists"
FILES = sorted([*(TESTDATA / "facts").glob("*.yaml"), *(TESTDATA / "semantics").glob("*.yaml")])
CATALOGUE = Catalogue.load()
_ASKED = re.compile(r"(has:)?([a-z_0-9.]+)(?:\[([0-9,]+)\])?")


def read_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in FILES
        for case in YAML(typ="safe").load(path.read_text("utf-8"))
        if "review" in case or "assess" in case
    ]


def context_of(case: dict[str, Any]) -> FactContext:
    wanted = dict(case.get("context", {}))
    if "vocabularies" in wanted:
        wanted["vocabularies"] = {
            name: Vocabulary.of(
                (str(code), [str(alias) for alias in aliases or ()]) for code, aliases in words.items()
            )
            for name, words in wanted["vocabularies"].items()
        }
    if "trees" in wanted:
        starts = wanted.pop("trees_since", {})
        wanted["trees"] = {
            str(version): IndicatorTree(
                {level1: frozenset(level2) for level1, level2 in tree.items()},
                frozenset(starts.get(version, {}).get("scopes", ())),
                parse_date(starts[version]["since"]) if version in starts else None,
            )
            for version, tree in wanted["trees"].items()
        }
    if wanted.pop("words", None) == "national":
        words = read_word_lists([{path.name: path.read_bytes() for path in WORDLISTS.iterdir()}])
        wanted = {name: getattr(words, name) for name in words.__dataclass_fields__} | wanted
    if "standards" in wanted:
        layers = [[standard(row) for row in layer] for layer in wanted["standards"]]
        bound = frozenset(wanted.pop("bound")) if "bound" in wanted else None
        places = {
            place: tuple(frozenset({name}) for name in (place, *around))
            for place, around in wanted.pop("around", {}).items()
        }
        wanted["standards"] = Standards(layers, bound, places)
    if "content_sets" in wanted:
        wanted["content_sets"] = {
            code: ContentSet(tuple(contents), items)
            for code, (*contents, items) in wanted["content_sets"].items()
        }
    for name in (
        *("unbounded_rates", "unitless_names", "sync_stages"),
        *("extra_contents", "evaluation_authority"),
    ):
        if name in wanted:
            wanted[name] = tuple(wanted[name])
    for name in ("placeholders", "exempt_reasons", "extra_categories"):
        if name in wanted:
            wanted[name] = frozenset(wanted[name])
    return FactContext(**wanted)


def standard(row: dict[str, Any]) -> StandardRow:
    """A row of standards; what a case doesn't say is a verified national cap in force since 2016."""
    columns: dict[str, Any] = {
        "limit_kind": "CAP", "unit": "元/人天", "applies_to": "", "places": "", "grade": "", "season": "",
        "scope": "general", "effective_from": "2016-01-01", "effective_to": None, "proof": "V",
        "address": "https://example.gov.cn/",
    }  # fmt: skip
    columns |= row
    fixed = ("value", "value_to", "tier_above")
    numbers = {name: parse_fixed(str(columns[name])) for name in fixed if columns.get(name) is not None}
    quantity = columns.pop("quantity", None)
    places = tuple(columns["places"].split("、")) if columns["places"] else ()
    dates = {name: columns[name] and parse_date(columns[name]) for name in ("effective_from", "effective_to")}
    return StandardRow(
        **{
            "value": None,
            "min_service_years": None,
            "qty_rule": "",
            **columns,
            **dates,
            **numbers,
            "places": places,
            "except_places": tuple(columns.get("except_places", ())),
            "quantity": None if quantity is None else read_quantity_rule(*map(str, quantity)),
            "proof": Proof(columns["proof"]),
            "document": "示例",
            "article": "",
            "notes": "",
            "source": Source("standards.csv", 1, 1),
        }
    )


def asked(key: str) -> tuple[Fact, str, tuple[int, ...]]:
    match = _ASKED.fullmatch(key)
    assert match is not None, key
    fact = CATALOGUE[match[2]]
    indices = tuple(int(index) for index in match[3].split(",")) if match[3] else ()
    return fact, (match[1] or "") + fact.short, indices


def layout_of(keys: list[str]) -> Layout:
    slots: dict[str, list[str]] = {"project": [], "report": []}
    for key in keys:
        fact, slot, _ = asked(key)
        for subject in SUBJECTS[fact.subject].around[:-1]:
            row = SUBJECTS[subject]
            if row.list not in slots.setdefault(row.parent, []):
                slots[row.parent].append(row.list)
        if slot not in slots.setdefault(fact.subject, []):
            slots[fact.subject].append(slot)
    return Layout({subject: tuple(names) for subject, names in slots.items()})


def extract(extractor: Extractor, case: dict[str, Any]) -> FactSet:
    if "review" in case:
        return extractor.review(ParseDict(case["review"], ReviewRequest()))
    return extractor.assess(ParseDict(case["assess"], AssessRequest()))


def value_at(facts: FactSet, layout: Layout, fact: Fact, slot: str, indices: tuple[int, ...]) -> Any:
    around = SUBJECTS[fact.subject].around
    row = facts.report if around[-1] == "report" else facts.project
    for subject, index in zip(reversed(around[:-1]), indices, strict=True):
        if row is None:
            return None
        rows = row[layout.index(SUBJECTS[subject].parent, SUBJECTS[subject].list)]
        if rows is None:
            return None
        row = rows[index]
    assert row is None or len(row) == len(layout.of(fact.subject))  # programs unpack rows as they are
    return None if row is None else row[layout.index(fact.subject, slot)]


def shown(value: Any, fact: Fact, slot: str) -> Any:
    """A value as case files write it."""
    if slot.startswith(HAS) or value is None or isinstance(value, bool):
        return value
    if fact.kind == "list":
        return len(value) if fact.name in LISTS else list(value)
    if fact.kind == "date":
        return date_text(value)
    if isinstance(value, tuple):
        return f"{value[0]}/{value[1]}"
    return value if fact.kind in {"money", "count", "text", "code"} else fixed_text(value)


@pytest.mark.parametrize("case", read_cases())
def test_the_facts_of_a_request(case: dict[str, Any]) -> None:
    """The values are read, and the missing ones explained, as the case says."""
    expected, missing = case.get("facts", {}), case.get("missing", {})
    layout = layout_of([*expected, *missing])
    extractor = Extractor(layout, context_of(case))
    facts = extract(extractor, case)
    for key, value in expected.items():
        fact, slot, indices = asked(key)
        why = extractor.why(facts, fact.subject, indices, slot)
        assert shown(value_at(facts, layout, fact, slot, indices), fact, slot) == value, f"{key}: {why}"
        assert why is None, key
    for key, (reason, path, *name) in missing.items():
        fact, slot, indices = asked(key)
        assert value_at(facts, layout, fact, slot, indices) is None, key
        why = extractor.why(facts, fact.subject, indices, slot)
        assert why is not None, key
        assert (why.reason, why.path) == (reason, path), key
        assert not name or why.name == name[0], key


@pytest.mark.parametrize("case", [case for case in read_cases() if "exemption" in case.values[0]])
def test_the_exemption_of_a_request(case: dict[str, Any]) -> None:
    """The state of a claimed exemption, its reason, and what it lacks."""
    expected = case["exemption"]
    exemption = extract(Extractor(Layout({}), context_of(case)), case).exemption
    assert exemption.state == expected["state"]
    assert exemption.reason == expected.get("reason")
    assert [one.path for one in exemption.lacking] == expected.get("lacking", [])
    assert all(isinstance(one, Missing) and one.reason == "EXEMPTION_UNPROVEN" for one in exemption.lacking)


def test_case_names_are_unique() -> None:
    """A name points to one case."""
    for path in FILES:
        names = [case["name"] for case in YAML(typ="safe").load(path.read_text("utf-8"))]
        assert len(names) == len(set(names)), path
