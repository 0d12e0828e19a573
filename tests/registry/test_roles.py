"""Files of roles: who may do what, whose token it is, and what is refused without repeating a token."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rules_service.registry.machine import Role
from rules_service.registry.roles import RoleFileError, Roles, new_token, token_hash

CASES = YAML(typ="safe").load(
    (Path(__file__).parents[1] / "testdata" / "registry" / "roles.yaml").read_text("utf-8")
)


def written(folder: Path, text: str) -> Path:
    path = folder / "roles.yaml"
    path.write_text(text.replace("H1", token_hash("one")).replace("H2", token_hash("two")), "utf-8")
    return path


@pytest.mark.parametrize("case", CASES["good"], ids=lambda case: case["file"])
def test_what_a_file_says(case, tmp_path):
    roles = Roles.read(written(tmp_path, case["file"]))
    for name, found in case["roles"].items():
        assert roles.of(name) == {Role(word) for word in found}
    for token in ("one", "two", "three", ""):
        assert roles.bearer(token) == case.get("tokens", {}).get(token)
    assert roles.of("somebody else") == frozenset()


@pytest.mark.parametrize("case", CASES["bad"], ids=lambda case: case["file"])
def test_what_is_refused(case, tmp_path):
    with pytest.raises(RoleFileError) as raised:
        Roles.read(written(tmp_path, case["file"]))
    assert case["says"] in raised.value.diagnostic.zh
    assert "one" not in raised.value.diagnostic.zh.replace(str(tmp_path), "")


def test_tokens_are_long_and_differ():
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43
