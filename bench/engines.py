"""Twenty conditions in this engine, ZEN, CEL and durable-rules: equal answers first, then the time."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

import orjson
import zen
from cel_expr_python import cel

from bench.children import PROJECT
from bench.conditions import CONDITIONS, FACTS, records
from rules_service.language.checker import check
from rules_service.language.parser import parse
from rules_service.language.program import FAIL, Program, generate
from rules_service.language.typed import CheckUnit, Env, Typed
from rules_service.model.catalogue import Catalogue, Fact
from rules_service.model.diagnostics import Source
from rules_service.values.kinds import Kind

__all__ = ["compare"]

_CHILD_S = 120.0
_SUBJECT = "project"  # the record is a single subject, so that each engine gets one record a call

Record = Mapping[str, Any]
Holding = list[int]  # numbers of the conditions that hold


def compare(count: int, rounds: int) -> dict[str, Any]:
    """Microseconds a condition in each engine over ``count`` records, and the speedups over ours.

    Each engine gets its records in its own form made beforehand, and tells of all twenty conditions.
    ``together`` is one call a record for all twenty, ``alone`` one call a condition; the faster of the two
    is compared.  Raises ``ValueError`` if two engines answer differently.
    """
    made = records(count)
    program = _program()
    ours = _Ours(program, made)
    forms: dict[str, _Zen | _Cel] = {"zen": _Zen(made), "cel": _Cel(made)}
    expected = [ours.holding(index) for index in range(count)]
    for name, engine in forms.items():
        _require_equal(name, expected, [engine.holding(index) for index in range(count)])
    durable = _durable(made, rounds)
    _require_equal("durable", expected, durable["fired"])
    functions: dict[str, Callable[[], None]] = {"ours": ours.together}
    for name, engine in forms.items():
        functions[f"{name}_together"] = engine.together
        functions[f"{name}_alone"] = engine.alone
    times = _interleaved(functions, rounds, count * len(CONDITIONS))
    times["durable"] = statistics.median(durable["us_per_record"]) / len(CONDITIONS)
    best = {name: min(times[f"{name}_together"], times[f"{name}_alone"]) for name in forms}
    best["durable"] = times["durable"]
    return {
        "conditions": len(CONDITIONS),
        "records": count,
        "holding_share": sum(map(len, expected)) / (count * len(CONDITIONS)),
        "us_per_condition": times,
        "speedup": {name: value / times["ours"] for name, value in best.items()},
    }


def _interleaved(
    functions: Mapping[str, Callable[[], None]], rounds: int, evaluations: int
) -> dict[str, float]:
    """Median microseconds an evaluation, the functions taking turns so that all share the machine's moods."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            started = perf_counter()
            function()
            times[name].append((perf_counter() - started) * 1e6 / evaluations)
    return {name: statistics.median(values) for name, values in times.items()}


def _require_equal(name: str, expected: Sequence[Holding], got: Sequence[Holding]) -> None:
    for index, (one, other) in enumerate(zip(expected, got, strict=True)):
        if one != other:
            raise ValueError(f"{name} differs on record {index}: {sorted({*one} ^ {*other})}")


# -- this engine -----------------------------------------------------------------------------------


def _catalogue() -> Catalogue:
    return Catalogue(
        tuple(
            Fact(
                name=f"{_SUBJECT}.{name}",
                zh=f"{_SUBJECT}.{name}",
                kind=kind,
                element=None,
                subject=_SUBJECT,
                field=name,
                computed="",
                meaning_zh=name,
                meaning_en=name,
            )
            for name, kind in FACTS.items()
        )
    )


def _program() -> Program:
    env = Env(_catalogue(), {}, _SUBJECT)
    units = [
        CheckUnit(
            id=f"C{number}",
            subject=_SUBJECT,
            applies_when=None,
            lets=(),
            fails_when=_typed(condition.ours.replace("r.", f"{_SUBJECT}."), env),
            severity=((2, None),),
            service="review",
        )
        for number, condition in enumerate(CONDITIONS)
    ]
    return generate(units, ())


def _typed(text: str, env: Env) -> Typed:
    typed = check(parse(text, Source("bench", 1, 1)), env, condition=True)
    if not typed.ok:
        raise ValueError(f"{text}: {[str(item) for item in typed.diagnostics]}")
    return typed


class _Ours:
    """The generated program over fact tuples."""

    def __init__(self, program: Program, made: Sequence[Record]) -> None:
        self._program = program
        slots = program.layout.of(_SUBJECT)
        self._facts = [tuple(_fact(slot, record) for slot in slots) for record in made]

    def holding(self, index: int) -> Holding:
        hits, _, _ = self._program.evaluate(0, self._facts[index], None, ())
        return sorted(number for number, _, code in hits if code == FAIL)

    def together(self) -> None:
        evaluate = self._program.evaluate
        for facts in self._facts:
            evaluate(0, facts, None, ())


def _fact(slot: str, record: Record) -> Any:
    """A value as the engine holds it: numbers exact, scaled by the kind's power of ten."""
    if slot.startswith("has:"):
        return record.get(slot.removeprefix("has:")) is not None
    value = record.get(slot)
    if isinstance(value, int) and not isinstance(value, bool):
        return value * 10 ** Kind.parse(FACTS[slot]).scale
    return value


# -- the others ------------------------------------------------------------------------------------


class _Zen:
    """ZEN's compiled expressions over dictionaries."""

    def __init__(self, made: Sequence[Record]) -> None:
        self._data = [{"r": record} for record in made]
        self._single = [zen.compile_expression(condition.zen) for condition in CONDITIONS]
        self._all = zen.compile_expression(f"[{', '.join(f'({one.zen})' for one in CONDITIONS)}]")

    def holding(self, index: int) -> Holding:
        data = self._data[index]
        alone = [number for number, one in enumerate(self._single) if one.evaluate(data) is True]
        if alone != [number for number, value in enumerate(self._all.evaluate(data)) if value is True]:
            raise ValueError("ZEN differs from itself")
        return alone

    def together(self) -> None:
        evaluate = self._all.evaluate
        for data in self._data:
            evaluate(data)

    def alone(self) -> None:
        single = [one.evaluate for one in self._single]
        for data in self._data:
            for evaluate in single:
                evaluate(data)


class _Cel:
    """Google's CEL over dictionaries; a record is converted once and serves all twenty."""

    def __init__(self, made: Sequence[Record]) -> None:
        self._env = env = cel.NewEnv(variables={"r": cel.Type.DYN})
        self._data = [{"r": record} for record in made]
        self._single = [env.compile(condition.cel) for condition in CONDITIONS]
        self._all = env.compile(f"[{', '.join(f'({one.cel})' for one in CONDITIONS)}]")

    def holding(self, index: int) -> Holding:
        data = self._data[index]
        alone = [number for number, one in enumerate(self._single) if one.eval(data=data).value() is True]
        together = self._all.eval(data=data).plain_value()
        if alone != [number for number, value in enumerate(together) if value is True]:
            raise ValueError("CEL differs from itself")
        return alone

    def together(self) -> None:
        evaluate = self._all.eval
        for data in self._data:
            evaluate(data=data).plain_value()

    def alone(self) -> None:
        activation = self._env.Activation
        single = [one.eval for one in self._single]
        for data in self._data:
            converted = activation(data)
            for evaluate in single:
                evaluate(converted).value()


def _durable(made: Sequence[Record], rounds: int) -> dict[str, Any]:
    """What the child process of ``durable_child`` answers; it has ended when this returns."""
    question = {"rules": [condition.durable for condition in CONDITIONS], "records": made, "rounds": rounds}
    done = subprocess.run(
        [sys.executable, "-m", "bench.durable_child"],
        input=orjson.dumps(question),
        stdout=subprocess.PIPE,
        timeout=_CHILD_S,
        cwd=PROJECT,
        check=True,
    )
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer
