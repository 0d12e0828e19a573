"""Rules service for the review and monitoring of budget performance goals (绩效目标审核与双监控).

The Python API, which the gRPC service and the command line call too::

    from pathlib import Path
    from rules_service import Rules

    with Rules.load(Path("rulesets")) as rules:
        answer = rules.review(request)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rules_service.api import (
        InvalidRequest,
        LoadError,
        NotFound,
        NotReady,
        PinContradiction,
        Rules,
        RulesError,
        UnknownRegion,
    )

__all__ = [
    "InvalidRequest",
    "LoadError",
    "NotFound",
    "NotReady",
    "PinContradiction",
    "Rules",
    "RulesError",
    "UnknownRegion",
    "__version__",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the API only when it is asked for: the worker process and the tools start without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rules_service import api  # noqa: PLC0415 - imported late on purpose

    return getattr(api, name)
