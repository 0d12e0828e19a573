"""Generate `rules_service/pb/` from `proto/`, or check that what is committed is what would be generated.

Usage: `python scripts/proto.py` writes; with `--check` it compares and exits with 1 on a difference.

The generator writes `from budget.rules.v1 import ...`, as if `budget` were a top-level package. The
imports are rewritten to the place where the code lives; descriptor names stay
`budget/rules/v1/x.proto`, which is what reflection, other languages and `buf` know.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "proto"
TARGET = ROOT / "rules_service" / "pb"
PACKAGE = "rules_service.pb"
IMPORT = re.compile(r"^(from|import) budget\.", re.MULTILINE)
SERVICE = re.compile(r"^service ", re.MULTILINE)
INIT = '"""Generated from proto/ by `make proto`; never edited."""\n'
WELL_KNOWN = Path(protoc.__file__).parent / "_proto"


def generate(folder: Path) -> dict[str, str]:
    """Run the generator in `folder` and return the finished files, path to text."""
    sources = sorted(SOURCE.rglob("*.proto"))
    names = [source.relative_to(SOURCE).as_posix() for source in sources]
    binaries = Path(sys.executable).parent
    command = [
        *(sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}", f"-I{WELL_KNOWN}"),
        *(f"--plugin=protoc-gen-{name}={binaries / f'protoc-gen-{name}'}" for name in ("mypy", "mypy_grpc")),
        *(f"--{name}_out={folder}" for name in ("python", "grpc_python")),
        *(f"--{name}_out=quiet:{folder}" for name in ("mypy", "mypy_grpc")),
        *names,
    ]
    subprocess.run(command, check=True)
    files: dict[str, str] = {"__init__.py": INIT}
    for source, name in zip(sources, names, strict=True):
        stem = name.removesuffix(".proto")
        wanted = [f"{stem}_pb2.py", f"{stem}_pb2.pyi"]
        if SERVICE.search(source.read_text(encoding="utf-8")):
            wanted += [f"{stem}_pb2_grpc.py", f"{stem}_pb2_grpc.pyi"]
        for path in wanted:
            files[path] = IMPORT.sub(rf"\1 {PACKAGE}.budget.", (folder / path).read_text(encoding="utf-8"))
        for parent in Path(name).parents[:-1]:
            files[(parent / "__init__.py").as_posix()] = INIT
    return files


def committed() -> dict[str, str]:
    """Return the generated files as they lie in the tree, path to text."""
    found = (path for path in TARGET.rglob("*.py*") if path.suffix in {".py", ".pyi"})
    return {path.relative_to(TARGET).as_posix(): path.read_text(encoding="utf-8") for path in found}


def main() -> int:
    """Generate or check; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        new = generate(Path(folder))
    old = committed()
    changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    if "--check" in sys.argv[1:]:
        for name in changed:
            print(f"{TARGET.relative_to(ROOT)}/{name} differs from what proto/ gives. Cure: make proto")
        return 1 if changed else 0
    for name in changed:
        path = TARGET / name
        if name not in new:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(new[name], encoding="utf-8")
    print(f"{len(changed)} of {len(new)} generated files written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
