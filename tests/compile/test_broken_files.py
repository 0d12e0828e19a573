"""However an author breaks a file, the answer is diagnostics: never an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules_service.compile.bundle import compile_bundle, lint
from rules_service.model.ruleset import parse_ruleset

TOKENS = [
    *("", "x", "null", "[]", "{}", "3", "10pp", "全国", "GATE-01", "true", "FAIL"),
    *("- ", ":", "&a", "{a: [b]}", "''", "\t"),
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_broken_files(rulesets: Any, data: st.DataObject) -> None:
    """Lines lost, doubled or moved, and words replaced by others, in one to three places."""
    files = dict(rulesets.base)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(files)))
        lines = files[path].decode().split("\n")
        place = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(["drop", "double", "indent", "word", "word", "word"]))
        if kind == "drop":
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "indent":
            lines[place] = "  " + lines[place]
        else:
            words = lines[place].split(" ")
            words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(TOKENS))
            lines[place] = " ".join(words)
        files[path] = "\n".join(lines).encode()
    source, found = parse_ruleset(files)
    if source is None:
        assert any(item.is_error for item in found)
    elif not any(item.is_error for item in lint(source)):
        bundle = compile_bundle(source)
        for region in bundle.regions.codes():
            for day in (1, *bundle.days(region)):
                bundle.view(region, day)
