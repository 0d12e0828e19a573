"""durable-rules stays in its own process, and nothing but decision facts goes there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import rules_service

ROOT = Path(rules_service.__file__).parent

SCRIPT = """
import sys
from rules_service.engine.conclude import *
from rules_service.inference.factory import make_concluder
rule = DecisionRule("DEC-1", (Condition("a", "any_pass", {}),), Conclusion(decision="APPROVE"))
decisions = DecisionSet.of([rule])
concluder = make_concluder(deadline_s=20)
concluder.warm(decisions, [(any_pass_fact(),)])
concluded = concluder.conclude(decisions, (any_pass_fact(),))
concluder.close()
print(concluded.by)
print([name for name in sys.modules if "durable" in name])
"""


def test_durable_rules_is_not_in_the_asking_process():
    """Both engines answered, and yet the library was never imported here."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["durable+chainer", "[]"]
    assert done.stderr == ""


def test_only_one_module_imports_durable_rules():
    importers = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name.split(".")[0] in {"durable", "durable_rules_engine"} for name in names):
                importers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"inference/durable.py"}


def test_the_worker_is_light():
    """The worker imports no gRPC, no model and no async machinery: it starts fast and holds little."""
    script = "import sys, rules_service.inference.worker; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT.parent, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "durable_rules_engine" in loaded
    assert not loaded & {"grpc", "google.protobuf", "pydantic", "asyncio", "threading", "durable.engine"} - {
        "threading"
    }
