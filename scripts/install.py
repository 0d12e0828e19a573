"""Build `.venv` from the lock files; do nothing when it is already up to date.

Run by `make install` with the system's Python, so only the standard library is used. What was
installed is recorded as a digest of everything the result depends on, the project's folder
included: a moved environment is built anew, because its scripts name the old place.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version}. Try: make install PYTHON=python3.11")

import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"
SERIES = f"{sys.version_info.major}.{sys.version_info.minor}."
LOCKS = ("requirements.lock", "requirements-dev.lock")


def wanted() -> str:
    """Return the digest of what the environment is built from."""
    digest = hashlib.sha256()
    for name in (*LOCKS, "scripts/install.py"):
        digest.update((ROOT / name).read_bytes())
    # Only what shapes the installed package: a changed linter setting needs no new installation.
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shaping = (document["build-system"], document["project"], document["tool"]["setuptools"])
    digest.update(f"{shaping}\n{SERIES}\n{ROOT}".encode())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    """Run the environment's own pip; its failure is ours."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=ROOT, check=True)


def reusable() -> bool:
    """Tell whether the environment stands where it was made, with a Python of this series."""
    settings = VENV / "pyvenv.cfg"
    if not PYTHON.exists() or not settings.exists():
        return False
    text = settings.read_text(encoding="utf-8")
    return str(VENV) in text and f"version = {SERIES}" in text


def build() -> None:
    """Create or refresh the environment: build tool, then locked packages, then the project itself."""
    if not reusable():
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, symlinks=True, with_pip=True)
    lines = (ROOT / LOCKS[0]).read_text(encoding="utf-8").splitlines()
    build_tool = next(line for line in lines if line.startswith("setuptools=="))
    pip("install", "--quiet", build_tool)
    # durable-rules ships as source only: without isolation the locked setuptools builds it, not the newest.
    requirements = [argument for name in LOCKS for argument in ("--requirement", name)]
    pip("install", "--quiet", "--no-build-isolation", "--use-pep517", *requirements)
    pip("install", "--quiet", "--no-build-isolation", "--no-deps", "--editable", ".")
    pip("check")


def main() -> int:
    """Install when needed; return the exit code."""
    digest = wanted()
    with (ROOT / "scripts" / "install.py").open("rb") as lock:  # one installation at a time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text(encoding="ascii") == digest:
            return 0
        print("Installing into .venv ...", flush=True)
        STAMP.unlink(missing_ok=True)
        try:
            build()
        except subprocess.CalledProcessError as error:
            print(f"Installation failed: {error}", file=sys.stderr)
            return 1
        STAMP.write_text(digest, encoding="ascii")
        print("Installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
