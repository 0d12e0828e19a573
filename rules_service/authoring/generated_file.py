"""Writes generated cases as a file of rule tests, to be read, confirmed and kept."""

from __future__ import annotations

from collections.abc import Iterator

from rules_service.authoring.differing import flow
from rules_service.authoring.generated import GeneratedCase, GeneratedRule, GeneratedTests
from rules_service.authoring.rule_tests import TO_CONFIRM
from rules_service.authoring.texts import Texts

__all__ = ["generated_yaml"]


def generated_yaml(tests: GeneratedTests) -> str:
    """The file: the cases rule by rule, and as remarks what no case was found for."""
    texts = Texts("zh")
    lines = [f"# {texts('generated.head', version=tests.version)}"]
    for rule in tests.rules:
        lines += _of_rule(rule, texts)
    if not any(rule.cases for rule in tests.rules):
        lines.append("[]")
    return "\n".join(lines) + "\n"


def _of_rule(rule: GeneratedRule, texts: Texts) -> Iterator[str]:
    if not rule.cases and not rule.missed and rule.active:
        return
    yield ""
    yield f"# ── {texts('generated.of_rule', rule=rule.rule, title=rule.title)} ──"
    if not rule.active:
        yield f"# {texts('generated.reason_inactive')}"
    for case in rule.cases:
        yield from _of_case(case)
    for missed in rule.missed:
        reason = texts(f"generated.reason_{missed.reason}", asked=rule.asked)
        yield f"# {texts('generated.not_found', goal=missed.words, reason=reason)}"


def _of_case(case: GeneratedCase) -> Iterator[str]:
    yield f"- name: {flow(case.name)}"
    yield f"  rule: {case.rule}"
    if case.region:
        yield f"  region: {flow(case.region)}"
    if case.base:
        yield f"  base: {flow(case.base)}"
    if case.request:
        yield f"  request: {flow(case.request)}"
    yield f"  expect: {flow(case.expect)}"
    yield f"  confirm: {TO_CONFIRM}"
