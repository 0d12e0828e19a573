"""What surrounds every method: deadline, statuses, metrics and the line in the log.

A handler takes raw bytes and gives raw bytes, because what gRPC itself refuses to decode would be answered
INTERNAL, as if it were our fault.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any, cast

import grpc
from grpc.aio import ServicerContext
from grpc_status import rpc_status

from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.server.faults import internal
from rules_service.server.refusals import Refusal
from rules_service.server.words import Language

__all__ = ["Call", "Handler", "Surround"]

# Statuses that tell of a trouble of ours or of the machine, not of the request.
_SERIOUS = {
    grpc.StatusCode.INTERNAL: "error",
    grpc.StatusCode.UNAVAILABLE: "error",
    grpc.StatusCode.DEADLINE_EXCEEDED: "warning",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "warning",
}


class Call:
    """One running call: its deadline, and what will be said of it in the log."""

    __slots__ = ("_context", "fields", "language")

    def __init__(self, context: ServicerContext[bytes, bytes]) -> None:
        self._context = context
        self.language: Language = "zh"
        self.fields: dict[str, Any] = {}

    @property
    def peer(self) -> str:
        """Where the call comes from, as gRPC writes it: ``ipv4:127.0.0.1:40000``."""
        return self._context.peer()

    def metadata(self, name: str) -> list[str]:
        """The texts that the caller sent under a name."""
        sent = self._context.invocation_metadata() or ()
        return [value for key, value in sent if key == name and isinstance(value, str)]

    def check_deadline(self) -> None:
        """Refuse to begin work whose answer the caller will no longer wait for."""
        left = cast("float | None", self._context.time_remaining())  # None without a deadline
        if left is not None and left <= 0:
            raise Refusal(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE", self.language)


Handler = Callable[[bytes, Call], Awaitable[bytes]]


class Surround:
    """Makes gRPC handlers of ours."""

    def __init__(self, metrics: Metrics, log: LineLog, max_detail_bytes: int) -> None:
        self._metrics = metrics
        self._log = log
        self._max_detail_bytes = max_detail_bytes
        self.draining = False
        self.cut_off = 0
        """Calls that ended without an answer while draining."""

    def method(self, name: str, handler: Handler) -> grpc.RpcMethodHandler[bytes, bytes]:
        """The gRPC handler of the method ``name``."""
        observe = self._metrics.latency.labels(name).observe
        count = self._metrics.requests.add
        ok = (name, "OK")
        log_info = self._log.enabled("info")

        async def run(data: bytes, context: ServicerContext[bytes, bytes]) -> bytes:
            started = perf_counter()
            call = Call(context)
            try:
                call.check_deadline()
                answer = await handler(data, call)
            except Refusal as refusal:
                status = refusal
            except asyncio.CancelledError:
                # The caller hung up, or its deadline passed while a batch let others go first.
                left = cast("float | None", context.time_remaining())
                code = "CANCELLED" if left is None or left > 0 else "DEADLINE_EXCEEDED"
                count((name, code))
                self.cut_off += self.draining
                self._line("info", name, code, started, call)
                raise
            except Exception as error:  # noqa: BLE001 - the boundary: whatever happens, the caller gets a status
                status = internal(error, self._log, call.language)
                call.fields["reference"] = status.metadata["reference"]
            else:
                observe(perf_counter() - started)
                count(ok)
                if log_info:
                    self._line("info", name, "OK", started, call)
                return answer
            observe(perf_counter() - started)
            count((name, status.code.name))
            call.fields["reason"] = status.reason
            if status.violations:
                call.fields["violations"] = len(status.violations)
                call.fields["codes"] = sorted({violation.code for violation in status.violations})
            self._line(_SERIOUS.get(status.code, "info"), name, status.code.name, started, call)
            await context.abort_with_status(rpc_status.to_status(status.status(self._max_detail_bytes)))
            raise AssertionError("abort_with_status never returns")

        # Without deserialiser and serialiser the handler gets and gives the bytes themselves.
        return grpc.unary_unary_rpc_method_handler(run)

    def _line(self, level: str, name: str, code: str, started: float, call: Call) -> None:
        if self._log.enabled(level):
            fields = {"method": name, "code": code, "ms": round((perf_counter() - started) * 1000, 3)}
            self._log.call(level, fields | call.fields)
