"""The settings of the service: options of ``serve``, environment variables ``RULES_…``, or the defaults here.

Every number here is an engineering default; none of them comes from a rule or a document.
"""

from __future__ import annotations

import os
import socket
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rules_service.server.identity import AnonymousReaders

__all__ = ["Settings"]

_MIB = 1024 * 1024


class Settings(BaseSettings):
    """Given values win over the environment (``RULES_PORT=…``), which wins over the defaults."""

    model_config = SettingsConfigDict(env_prefix="RULES_", frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="address to listen on; only this machine by default")
    port: int = Field(50051, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    port_file: Path | None = Field(None, description="file that receives the port once the service listens")
    metrics_host: str = Field("127.0.0.1", description="address of the metrics page")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="port of the metrics page; 0 takes a free one, unset is off"
    )
    rulesets: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="ruleset directories, parted as in PATH; the project's own by default"
    )
    bundles: Path | None = Field(None, description="directory of bundles; watched for new ones")
    registry: SecretStr | None = Field(
        None, description="registry of versions: a SQLite file or the address of a PostgreSQL database"
    )
    registry_file: Path | None = Field(None, description="file that holds the address of the registry")
    trusted_keys: Path | None = Field(
        None, description="public keys (a PEM file, or a folder of *.pem) whose signatures count"
    )
    state: Path | None = Field(
        None, description="directory of the last good versions, for starts while the registry is away"
    )
    replica: str = Field(
        default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}",
        max_length=100,
        description="what the registry calls this process; by default the machine's name and the process id",
    )
    registry_poll_s: float = Field(0.25, gt=0, description="time between looks at the registry")
    registry_past: int = Field(2, ge=0, description="versions before the live one that stay compiled")
    registry_spare: int = Field(4, ge=1, description="other versions that stay compiled once pinned")
    roles: Path | None = Field(
        None, description="file of who may do what at the policy desk, with the hashes of their tokens"
    )
    signing_key_file: Path | None = Field(
        None, description="private key (PEM) that signs what operators publish through the service"
    )
    desk_readers: AnonymousReaders = Field(
        "loopback", description="who may look at versions without a token: loopback, anyone or never"
    )
    desk_work_s: float = Field(600.0, gt=0, description="longest check, comparison or simulation")
    desk_workers: int = Field(1, ge=1, description="processes that run the rule tests of a check")
    desk_memory_bytes: int = Field(
        4 * 1024 * _MIB, ge=512 * _MIB, description="memory that a check, comparison or simulation may take"
    )
    max_simulated_requests: int = Field(1000, ge=1, description="most requests of a simulation")
    impact_limit: Decimal = Field(
        Decimal("0.2"),
        ge=0,
        le=1,
        description="share of newly failing projects above which publishing asks for a reason",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="a line a call is written at info; failures of ours at error"
    )
    max_message_bytes: int = Field(16 * _MIB, ge=1024, description="largest message, a batch included")
    max_request_bytes: int = Field(
        4 * _MIB, ge=1024, description="largest single request, alone or in a batch"
    )
    max_batch_items: int = Field(1000, ge=1, description="longest batch")
    max_answer_bytes: int = Field(64 * _MIB, ge=1024, description="largest answer to a batch")
    max_concurrent_calls: int = Field(1000, ge=1, description="calls at once; more are refused")
    max_detail_bytes: int = Field(
        4500,
        ge=256,
        description="largest error details; with their coding they stay below the 8 KiB of metadata that "
        "clients accept by default",
    )
    batch_slice_ms: int = Field(
        2, ge=1, description="a batch lets other calls go first after working so long in one piece"
    )
    reload_s: float = Field(5.0, gt=0, description="time between looks for new or corrected rules")
    drain_grace_s: float = Field(10.0, ge=0, description="time for running calls to end after SIGTERM")

    @field_validator("rulesets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part for part in value.split(os.pathsep) if part)
        return value
