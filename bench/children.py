"""The child processes of a run; each ends when its standard input ends, whatever becomes of this process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

__all__ = ["PROJECT", "Generator", "cpu_seconds", "empty_server", "generator"]

PROJECT = Path(__file__).parent.parent
"""The folder in which ``python -m bench…`` finds its modules."""

_END_S = 20.0
_TICK = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def _child(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """``python -m`` with these arguments; it has ended when the block is left."""
    command = [sys.executable, "-m", *arguments]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT)
    try:
        yield child
    finally:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextlib.contextmanager
def empty_server(size: int) -> Iterator[tuple[str, int]]:
    """Port and process id of a server whose answers are ``size`` bytes."""
    with _child("bench.empty_server", str(size)) as child:
        yield _line(child.stdout).decode().strip(), child.pid


class Generator:
    """Gives orders to the load generator."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def run(self, **order: Any) -> dict[str, Any]:
        """Give one order and wait for its report (see ``bench.load``)."""
        pipe = self._child.stdin
        assert pipe is not None
        pipe.write(orjson.dumps(order) + b"\n")
        pipe.flush()
        report: dict[str, Any] = orjson.loads(_line(self._child.stdout))
        return report


@contextlib.contextmanager
def generator(pool: Path) -> Iterator[Generator]:
    """A load generator with the requests of a file."""
    with _child("bench.load", str(pool)) as child:
        yield Generator(child)


def _line(pipe: IO[bytes] | None) -> bytes:
    assert pipe is not None
    line = pipe.readline()
    if not line:
        raise RuntimeError("a child process ended early; its fault stands above")
    return line


def cpu_seconds(pid: int) -> float:
    """Seconds of processor that a process has used, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK
