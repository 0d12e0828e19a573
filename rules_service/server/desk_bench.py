"""Where long work of the policy desk is done: one piece at a time, in a process that ends with its call."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Final, TypeVar

import grpc
import orjson
from google.protobuf.message import Message

from rules_service.inference.manners import child_environment
from rules_service.server.desk_refusals import busy
from rules_service.server.refusals import FieldError, Refusal
from rules_service.server.settings import Settings
from rules_service.server.words import Language

__all__ = ["DONE", "OUT_OF_MEMORY", "REFUSED", "Bench"]

DONE: Final = b"\0"
"""The first byte of a job's output: the answer follows."""
REFUSED: Final = b"\1"
"""The first byte of a job's output: why the request is refused follows, as JSON."""
OUT_OF_MEMORY: Final = 9
"""The exit code of a job that needed more memory than it may take."""

M = TypeVar("M", bound=Message)


class Bench:
    """Room for one piece of work."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._taken = False

    @contextlib.contextmanager
    def taken(self, language: Language) -> Iterator[None]:
        """Take the bench for a while.  Raises ``Refusal`` (RESOURCE_EXHAUSTED) while somebody else has it."""
        if self._taken:
            raise busy("WORK_BUSY", language)
        self._taken = True
        try:
            yield
        finally:
            self._taken = False

    async def work(self, request: Message, answer: type[M], language: Language) -> M:
        """Have a request answered by a process of its own, which ends at once when the call does.

        Raises ``Refusal``.
        """
        limit = self._settings.desk_work_s
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rules_service.server.desk_job", request.DESCRIPTOR.name),
            *("--parent", str(os.getpid()), "--language", language),
            *("--memory", str(self._settings.desk_memory_bytes)),
            *("--workers", str(self._settings.desk_workers)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(),
            cwd="/",
            start_new_session=True,  # its own children end with it
        )
        try:
            async with asyncio.timeout(limit):
                output, _ = await process.communicate(request.SerializeToString())
        except TimeoutError:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            raise Refusal(code, "WORK_TOO_LONG", language, limit=f"{limit:g}") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if process.returncode == OUT_OF_MEMORY:
            raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "WORK_TOO_LARGE", language)
        kind, content = output[:1], output[1:]
        if process.returncode != 0 or kind not in {DONE, REFUSED}:
            raise RuntimeError(f"the job ended with {process.returncode}")
        if kind == REFUSED:
            told = orjson.loads(content)
            violations = [FieldError(*each) for each in told["violations"]]
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, told["reason"], language, violations)
        return answer.FromString(content)
