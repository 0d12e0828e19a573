"""The manners of a child process: what it inherits, its end with its parent, and how much it may take."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

import rules_service

__all__ = ["child_environment", "settle"]

_PR_SET_PDEATHSIG = 1
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "LANG", "LC_ALL", "PATH", "TMPDIR")


def child_environment() -> dict[str, str]:
    """What a child finds in its environment: nothing of this process's own, which may hold secrets."""
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    environment["PYTHONPATH"] = str(Path(rules_service.__file__).parent.parent)
    return environment


def settle(parent: int, memory: int) -> None:
    """Arrange to end with the parent, to leave signals to it, and to stay within ``memory`` bytes."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)
