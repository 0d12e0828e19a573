"""The verbs of publishing: a whole story by command line, and how refusals and faults end."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from tests.registry.contents import BASE, content  # isort: skip

from rules_service.cli.main import main
from rules_service.registry.address import Address
from rules_service.registry.roles import Roles
from rules_service.registry.signing import Signature, TrustedKeys
from rules_service.registry.store import Replica, Store

Run = Callable[..., Result]
ROLES = "张三: [editor]\n李四: [approver]\n王五: [operator]\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with roles and keys; the environment says where everything is."""
    for name in ("RULES_REGISTRY_FILE", "RULES_SIGNING_KEY", "RULES_ACTOR", "RULES_LANG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "roles.yaml").write_text(ROLES, encoding="utf-8")
    monkeypatch.setenv("RULES_ROLES", str(tmp_path / "roles.yaml"))
    monkeypatch.setenv("RULES_REGISTRY", str(tmp_path / "registry.sqlite"))
    monkeypatch.setenv("RULES_SIGNING_KEY_FILE", str(tmp_path / "desk.key"))
    result = CliRunner().invoke(main, ["rules", "keys", "new", "--out", str(tmp_path / "desk")])
    assert result.exit_code == 0
    monkeypatch.setenv("RULES_TRUSTED_KEYS", str(tmp_path / "desk.pem"))
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:  # noqa: ARG001 - the environment
    """``run(actor, verb, …)``."""

    def running(actor: str, *arguments: object) -> Result:
        who = ["--actor", actor] if actor else []
        return CliRunner().invoke(main, ["rules", *map(str, arguments), *who])

    return running


def ruleset(place: Path, version: str) -> Path:
    folder = place / f"rules{version}"
    for name, data in content(version).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def publish(run: Run, place: Path, version: str, *options: str) -> Result:
    for actor, *arguments in (
        ("张三", "draft", "--rulesets", ruleset(place, version)),
        ("张三", "check", version, "--workers", "1"),
        ("李四", "approve", version, "--note", "同意"),
    ):
        result = run(actor, *arguments)
        assert result.exit_code == 0, result.output
    return run("王五", "publish", version, *options)


def test_a_version_from_draft_to_retirement(run: Run, place: Path) -> None:
    first = publish(run, place, "1")
    assert first.exit_code == 0
    assert re.search(r"#4 .* 王五 发布 tiny 1 [0-9a-f]{12}。\ntiny 1 [0-9a-f]{12}：现行。\n", first.output)
    second = publish(run, place, "2", "--live-from", "2999-01-01", "--note", "新标准")
    assert "自 2999-01-01 00:00:00 起生效，说明：新标准。" in second.output
    assert "tiny 2" in second.output
    assert "已发布" in second.output
    assert run("王五", "activate", "2").exit_code == 0
    back = run("王五", "rollback")
    assert "回退 tiny 1" in back.output
    assert run("王五", "retire", "2").exit_code == 0
    history = run("", "history").output
    assert "#2 " in history
    assert "检查 tiny 1" in history
    assert "通过（提醒" in history
    assert re.search(r"  tiny 2 [0-9a-f]{12}：已停用\n现行：tiny 1 [0-9a-f]{12}，自 ", history)
    check = run("", "log-check")
    assert check.exit_code == 0
    assert "记录完整：11 条" in check.output
    assert "没有指明" not in check.output


def test_answers_as_json(run: Run, place: Path) -> None:
    publish(run, place, "1")
    drafted = json.loads(run("张三", "draft", "--rulesets", ruleset(place, "2"), "--format", "json").output)
    assert (drafted["stage"], drafted["version"], drafted["event"]["kind"]) == ("draft", "2", "draft")
    refused = run("李四", "approve", "2", "--format", "json")
    assert refused.exit_code == 9
    assert json.loads(refused.stdout)["refused"] == "UNCHECKED"
    history = json.loads(run("", "history", "--format", "json").output)
    assert [event["kind"] for event in history["events"]] == ["draft", "check", "approve", "publish", "draft"]
    (state,) = history["rulesets"]
    assert state["live"]["hash"] == history["events"][0]["version"]
    assert [version["stage"] for version in state["versions"]] == ["live", "draft"]
    assert json.loads(run("", "log-check", "--format", "json").output)["faults"] == []


def test_a_check_that_fails_tells_why(run: Run, place: Path) -> None:
    folder = ruleset(place, "1")
    gates = folder / "national" / "checks" / "gates.yaml"
    gates.write_text(gates.read_text("utf-8").replace("family: gates", "family: gate"), encoding="utf-8")
    assert run("张三", "draft", "--rulesets", folder).exit_code == 0
    result = run("张三", "check", "1", "--workers", "1")
    assert result.exit_code == 1
    assert "national/checks/gates.yaml:" in result.stderr
    assert "没有通过" in result.stdout


def test_the_impact_goes_into_the_log_and_guards(run: Run, place: Path) -> None:
    impact = place / "impact.json"
    impact.write_text('{"newly_failing_share": "0.93", "projects": 1500}', encoding="utf-8")
    run("张三", "draft", "--rulesets", ruleset(place, "1"))
    assert "占 0.93" in run("张三", "check", "1", "--impact", impact, "--workers", "1").output
    run("李四", "approve", "1")
    refused = run("王五", "publish", "1")
    assert refused.exit_code == 9
    assert "93%" in refused.stderr
    assert run("王五", "publish", "1", "--confirm", "IMPACT-LARGE", " ").exit_code == 2
    done = run("王五", "publish", "1", "--confirm", "IMPACT-LARGE", "全部重报")
    assert done.exit_code == 0
    assert "明知 IMPACT-LARGE 仍办理：全部重报" in done.output


def test_refusals_have_cures_in_both_languages(run: Run, place: Path) -> None:
    run("张三", "draft", "--rulesets", ruleset(place, "1"))
    zh, en = run("李四", "approve", "1"), run("李四", "approve", "1", "--lang", "en")
    assert zh.exit_code == en.exit_code == 9
    assert "没有办理（UNCHECKED）" in zh.stderr
    assert "先运行 rules-service rules check。" in zh.stderr
    assert "Run rules-service rules check first." in en.stderr
    assert "ACTOR-UNSET" in run("", "approve", "1").stderr
    assert run("王五", "publish", "1", "--live-from", "soon").exit_code == 2


def test_keys_are_made_once_and_only_their_owner_reads_them(run: Run, place: Path) -> None:
    assert (place / "desk.key").stat().st_mode & 0o777 == 0o600
    again = run("", "keys", "new", "--out", place / "desk")
    assert again.exit_code == 4
    (place / "desk.key").chmod(0o644)
    result = publish(run, place, "1")
    assert result.exit_code == 9
    assert "chmod 600" in result.stderr


def test_a_key_from_the_environment(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RULES_SIGNING_KEY_FILE")
    assert "UNSIGNED" in publish(run, place, "1").stderr
    monkeypatch.setenv("RULES_SIGNING_KEY", (place / "desk.key").read_text())
    assert run("王五", "publish", "1").exit_code == 0


def test_a_password_on_the_command_line_is_refused(run: Run) -> None:
    result = run("张三", "draft", "--registry", "postgresql://me:xyzzy@127.0.0.1:1/x", "--rulesets", BASE)
    assert result.exit_code == 5
    assert "RULES_REGISTRY_FILE" in result.stderr
    assert "xyzzy" not in result.output


def test_where_the_registry_is(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(run, place, "1")
    monkeypatch.delenv("RULES_REGISTRY")
    assert "STORE-UNSET" in run("", "history").stderr
    (place / "address").write_text(f"{place / 'registry.sqlite'}\n")
    monkeypatch.setenv("RULES_REGISTRY_FILE", str(place / "address"))
    assert "现行" in run("", "history").output
    away = run("", "history", "--registry", place / "none.sqlite")
    assert away.exit_code == 7
    assert not (place / "none.sqlite").exists()


def test_a_broken_log_is_told_with_its_first_broken_entry(run: Run, place: Path) -> None:
    publish(run, place, "1")
    with Store(Address(str(place / "registry.sqlite"))) as store, store._engine.begin() as connection:
        connection.execute(text("UPDATE events SET actor = '李四' WHERE seq = 2"))
    result = run("", "log-check")
    assert result.exit_code == 1
    assert "LOG-ALTERED" in result.stderr
    assert "第 1 条以前的记录完整" in result.stdout
    assert run("", "history").exit_code == 5


def test_replicas(run: Run, place: Path) -> None:
    publish(run, place, "1")
    assert "没有服务进程" in run("", "history", "--replicas").output
    at = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
    with Store(Address(str(place / "registry.sqlite"))) as store:
        store.beat(Replica("甲机-1", at, 4, {"tiny": ("a" * 64, at)}, ("a" * 64,)))
    told = run("", "history", "--replicas").output
    assert told == (
        "甲机-1：最近一次报告 2026-11-22 09:02:03，读到第 4 条记录。\n"
        "  tiny aaaaaaaaaaaa，自 2026-11-22 09:02:03\n"
    )
    (document,) = json.loads(run("", "history", "--replicas", "--format", "json").output)
    assert document["live"]["tiny"]["hash"] == "a" * 64


def test_a_built_bundle_is_signed(run: Run, place: Path) -> None:
    out: Any = place / "tiny.bundle"
    result = run("", "build", "--rulesets", BASE, "--out", out, "--sign", place / "desk.key")
    assert result.exit_code == 0
    signature = Signature.of_line((place / "tiny.bundle.sig").read_text())
    digest = re.search(r"[0-9a-f]{64}", result.output)
    assert signature is not None
    assert digest is not None
    assert TrustedKeys.read(place / "desk.pem").signed_bundle(digest[0], signature)
    shutil.copy(place / "desk.pem", place / "wrong.key")
    assert run("", "build", "--rulesets", BASE, "--out", out, "--sign", place / "wrong.key").exit_code == 4


def test_serve_has_one_source_of_rules(place: Path) -> None:
    both = CliRunner().invoke(main, ["serve", "--rulesets", str(BASE)])
    assert both.exit_code == 2
    assert "不能都给" in both.stderr
    secret = CliRunner().invoke(main, ["serve", "--registry", "postgresql://me:xyzzy@127.0.0.1:1/x"])
    assert secret.exit_code == 2
    assert "xyzzy" not in secret.output
    wrong = CliRunner().invoke(main, ["serve", "--trusted-keys", str(place / "none")])
    assert wrong.exit_code == 2
    assert "KEY-UNREADABLE" in wrong.stderr


def test_a_token_is_shown_alone_and_the_file_of_roles_holds_its_hash(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["rules", "keys", "token"])
    token = made.stdout.strip()
    assert token
    assert token not in made.stderr
    entry = made.stderr[made.stderr.index("{") :].strip()
    (tmp_path / "roles.yaml").write_text(f"张三: {entry}\n", "utf-8")
    assert Roles.read(tmp_path / "roles.yaml").bearer(token) == "张三"
