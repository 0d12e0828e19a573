"""The gRPC server of one process: services, health, reflection, limits and draining."""

from __future__ import annotations

import grpc
from grpc import aio
from grpc_health.v1 import (
    health,
    health_pb2,
    health_pb2_grpc,
)
from grpc_reflection.v1alpha import reflection

from rules_service.observe.logs import LineLog
from rules_service.observe.metrics import Metrics
from rules_service.server.backend import Backend
from rules_service.server.calls import Surround
from rules_service.server.desk_office import Office
from rules_service.server.handlers import Handlers
from rules_service.server.ruleset_handlers import RulesetHandlers
from rules_service.server.settings import Settings

__all__ = ["App"]

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class App:
    """Listens from ``start`` on; healthy only while ``serving(True)`` is the last that it was told.

    With an ``office`` there is the policy desk too.
    """

    def __init__(
        self,
        backend: Backend,
        settings: Settings,
        metrics: Metrics,
        log: LineLog,
        office: Office | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        services = dict(Handlers(backend, settings, metrics, log).services())
        if office is not None:
            services |= RulesetHandlers(office, settings).services()
        self._names = ("", *services)
        self._health = health.aio.HealthServicer()
        self._server = aio.server(
            options=[
                ("grpc.max_receive_message_length", settings.max_message_bytes),
                ("grpc.max_send_message_length", -1),  # answers are bounded by max_answer_bytes
                ("grpc.so_reuseport", 0),  # a port in use is an error, not a second server beside the first
            ],
            maximum_concurrent_rpcs=settings.max_concurrent_calls,
        )
        self._surround = surround = Surround(metrics, log, settings.max_detail_bytes)
        for service, methods in services.items():
            handlers = {name: surround.method(name, handler) for name, handler in methods.items()}
            generic = grpc.method_handlers_generic_handler(service, handlers)
            self._server.add_generic_rpc_handlers((generic,))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflected = (*services, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(reflected, self._server)

    async def start(self) -> int:
        """Listen, not yet healthy; returns the port. Raises ``OSError`` when it is not to be had."""
        await self.serving(False)
        address = f"{self._settings.host}:{self._settings.port}"
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error
        await self._server.start()
        return port

    async def serving(self, yes: bool) -> None:
        """Tell the health status of the whole and of each service."""
        for name in self._names:
            await self._health.set(name, _SERVING if yes else _NOT_SERVING)
        self._metrics.serving.set(int(yes))

    async def drain(self, grace: float | None) -> None:
        """Stop being healthy, take no more calls, let the running ones end within ``grace`` seconds."""
        self._surround.draining = True
        await self._health.enter_graceful_shutdown()
        self._metrics.serving.set(0)
        await self._server.stop(grace)

    @property
    def cut_off(self) -> int:
        """How many calls the draining has ended without an answer."""
        return self._surround.cut_off
