"""Settings: given values win over the environment, which wins over the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from rules_service.server.settings import Settings


def test_by_default_only_this_machine_is_served():
    settings = Settings()
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 50051, None)


def test_given_values_win_over_the_environment(monkeypatch):
    monkeypatch.setenv("RULES_PORT", "1")
    monkeypatch.setenv("RULES_MAX_BATCH_ITEMS", "7")
    settings = Settings(port=2)
    assert (settings.port, settings.max_batch_items) == (2, 7)


def test_several_rulesets_are_parted_as_in_path(monkeypatch):
    monkeypatch.setenv("RULES_RULESETS", "/a b:/c")
    assert Settings().rulesets == (Path("/a b"), Path("/c"))


@pytest.mark.parametrize(
    "wrong", [{"port": 70000}, {"port": -1}, {"log_level": "loud"}, {"max_batch_items": 0}, {"prot": 1}]
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_every_setting_is_documented_and_explained():
    documented = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"RULES_{name.upper()}" in documented
