"""Write the lock files: the newest versions that pyproject.toml admits, tried in an empty environment.

Usage: `make lock`. Only names and exact versions are written, no index and no path.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "requirements.lock"
DEV = ROOT / "requirements-dev.lock"
RUN_HEAD = "# Exact versions of what the service runs with. Written by `make lock`; not edited by hand."
DEV_HEAD = (
    "# Exact versions of what tests, checks and code generation add to requirements.lock. "
    "Written by `make lock`."
)


def frozen(python: Path, *requirements: str) -> list[str]:
    """Install `requirements` and return everything installed but pip, `name==version` each."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-build-isolation", "--use-pep517", *requirements], check=True)
    command = [*pip, "freeze", "--all", "--exclude", "pip"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    strange = [line for line in lines if "==" not in line]
    if strange:
        sys.exit(f"Not from a package index, so not lockable: {strange}")
    return lines


def main() -> None:
    """Resolve run-time packages first, then what tests and checks add to them."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [line for group in document["project"]["optional-dependencies"].values() for line in group]
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, symlinks=True, with_pip=True)
        python = Path(folder) / "bin" / "python"
        frozen(python, *document["build-system"]["requires"])
        run = frozen(python, *document["project"]["dependencies"])
        everything = frozen(python, *run, *extras)
    changed = sorted(set(run) - set(everything))
    if changed:
        sys.exit(
            f"The extras change what the service runs with: {changed}. Narrow the ranges in pyproject.toml."
        )
    RUN.write_text("\n".join([RUN_HEAD, *run]) + "\n", encoding="utf-8")
    DEV.write_text("\n".join([DEV_HEAD, *(line for line in everything if line not in run)]) + "\n", "utf-8")
    print(f"{len(run)} packages to run with, {len(everything) - len(run)} more to develop with.")


if __name__ == "__main__":
    main()
