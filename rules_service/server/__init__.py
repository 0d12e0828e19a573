"""The gRPC service: handlers, statuses, health, reflection, metrics, draining."""

from rules_service.server.run import serve
from rules_service.server.settings import Settings

__all__ = ["Settings", "serve"]
