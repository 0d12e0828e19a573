"""The arrows of the architecture: which package may import which, and what pure packages must not touch."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "rules_service"

# A package imports only from itself and from those before it. `api` is the module rules_service/api.py.
ORDER = (
    "values",
    "pb",
    "observe",
    "model",
    "language",
    "facts",
    "compile",
    "engine",
    "inference",
    "registry",
    "api",
    "sweep",
    "alerts",
    "audit",
    "authoring",
    "server",
    "cli",
)
RANK = {name: rank for rank, name in enumerate(ORDER)}
# The package's own files: __init__ re-exports the public Python API, __main__ is the command line.
RANK_OF_FILE = {"__init__.py": RANK["api"], "api.py": RANK["api"], "__main__.py": RANK["cli"]}

PURE = ("language", "facts", "compile", "engine")
FORBIDDEN_IN_PURE = {
    "grpc": "transport",
    "grpc_status": "transport",
    "grpc_health": "transport",
    "grpc_reflection": "transport",
    "time": "clock",
    "random": "chance",
    "secrets": "chance",
    "uuid": "chance",
    "sqlite3": "store",
    "sqlalchemy": "store",
    "logging": "log",
    "structlog": "log",
    "prometheus_client": "log",
}
CLOCK_READS = {"now", "today", "utcnow"}
DURABLE_ONLY_IN = "inference/durable.py"


def imported_names(tree: ast.Module, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """Yield line and full dotted name of everything that a module imports, wherever in it."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                parent = parts[: len(parts) - node.level + 1]
                base = ".".join([*parent, base] if base else parent)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"}:
                yield node.lineno, str(node.args[0].value)


def clock_reads(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that ask the clock: `date.today()`, `datetime.now()`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if node.func.attr in CLOCK_READS and name in {"date", "datetime", "dt"}:
                yield node.lineno


def wrong_in_file(root: Path, path: Path) -> Iterator[str]:
    """Yield what one file does against the arrows."""
    relative = path.relative_to(root)
    own = relative.parts[0]
    rank = RANK_OF_FILE.get(own) if len(relative.parts) == 1 else RANK.get(own)
    where = relative.as_posix()
    if rank is None:
        yield f"{where}: {own} has no place in the order of packages"
        return
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=where)
    is_package = path.name == "__init__.py"
    module = ".".join(("rules_service", *relative.with_suffix("").parts)).removesuffix(".__init__")
    for line, name in imported_names(tree, module, is_package):
        first, _, rest = name.partition(".")
        if first == "rules_service":
            target = rest.partition(".")[0]
            # `from rules_service import __version__` names no package: anyone may know the version.
            if RANK.get(target, -1) > rank:
                yield f"{where}:{line}: imports {name}, which comes later in the order"
        elif first == "durable" and where != DURABLE_ONLY_IN:
            yield f"{where}:{line}: imports durable, which only {DURABLE_ONLY_IN} may"
        if own in PURE:
            if first in FORBIDDEN_IN_PURE:
                yield f"{where}:{line}: imports {name} ({FORBIDDEN_IN_PURE[first]}) in a pure package"
            elif "_pb2_grpc" in name:
                yield f"{where}:{line}: imports {name} (transport) in a pure package"
    if own in PURE:
        for line in clock_reads(tree):
            yield f"{where}:{line}: reads the clock in a pure package"


def wrong_arrows(root: Path) -> list[str]:
    """Return everything in the tree that goes against the arrows, one text each."""
    return [wrong for path in sorted(root.rglob("*.py")) for wrong in wrong_in_file(root, path)]


def test_every_import_goes_up_the_order():
    assert wrong_arrows(ROOT) == []


def test_the_tree_is_really_walked():
    assert len(list(ROOT.rglob("*.py"))) >= 10


@pytest.mark.parametrize(
    ("path", "text", "wrong"),
    [
        ("values/a.py", "from rules_service.model import b", "values/a.py:1: imports rules_service.model.b"),
        ("values/a.py", "import rules_service.cli.main", "values/a.py:1: imports rules_service.cli.main"),
        (
            "engine/a.py",
            "from rules_service import inference",
            "engine/a.py:1: imports rules_service.inference",
        ),
        (
            "engine/a.py",
            "from ..inference import durable",
            "engine/a.py:1: imports rules_service.inference.d",
        ),
        (
            "engine/__init__.py",
            "from ..server import x",
            "engine/__init__.py:1: imports rules_service.server.x",
        ),
        ("engine/deep/a.py", "from ...server import x", "engine/deep/a.py:1: imports rules_service.server.x"),
        (
            "engine/a.py",
            "def f():\n    from rules_service import cli",
            "engine/a.py:2: imports rules_service.cli",
        ),
        (
            "model/a.py",
            "import importlib\nimportlib.import_module('rules_service.cli')",
            "model/a.py:2: imports",
        ),
        ("api.py", "from rules_service.server import x", "api.py:1: imports rules_service.server.x"),
        ("__init__.py", "from rules_service.cli import x", "__init__.py:1: imports rules_service.cli.x"),
        ("facts/a.py", "import grpc", "facts/a.py:1: imports grpc (transport)"),
        ("facts/a.py", "from grpc import aio", "facts/a.py:1: imports grpc.aio (transport)"),
        (
            "facts/a.py",
            "from rules_service.pb.b.v1 import x_pb2_grpc",
            "facts/a.py:1: imports rules_service.pb.b",
        ),
        ("language/a.py", "import time", "language/a.py:1: imports time (clock)"),
        ("compile/a.py", "import sqlite3", "compile/a.py:1: imports sqlite3 (store)"),
        (
            "compile/a.py",
            "from sqlalchemy.orm import Session",
            "compile/a.py:1: imports sqlalchemy.orm.Session",
        ),
        ("engine/a.py", "import logging", "engine/a.py:1: imports logging (log)"),
        ("engine/a.py", "import structlog", "engine/a.py:1: imports structlog (log)"),
        ("engine/a.py", "import datetime\ndatetime.date.today()", "engine/a.py:2: reads the clock"),
        ("engine/a.py", "from datetime import datetime\ndatetime.now()", "engine/a.py:2: reads the clock"),
        ("inference/chainer.py", "from durable.lang import m", "inference/chainer.py:1: imports durable"),
        ("helpers/a.py", "", "helpers/a.py: helpers has no place"),
        ("helpers.py", "", "helpers.py: helpers.py has no place"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path: Path, path: str, text: str, wrong: str):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    found = wrong_arrows(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(wrong)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("model/a.py", "from rules_service.values import numbers"),
        ("model/a.py", "from rules_service import __version__"),
        ("model/a.py", "from .b import c"),
        ("engine/a.py", "from datetime import date"),
        ("engine/a.py", "from rules_service.pb.budget.rules.v1 import result_pb2"),
        ("inference/durable.py", "from durable import engine"),
        ("inference/worker.py", "import time\nfrom .durable import run"),
        ("cli/a.py", "from rules_service.server import x"),
        ("server/a.py", "import grpc, time, logging"),
        ("api.py", "from rules_service.registry import x"),
        ("__main__.py", "from rules_service.cli import main"),
    ],
)
def test_a_right_arrow_is_let_through(tmp_path: Path, path: str, text: str):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert wrong_arrows(tmp_path) == []
