"""Rules service for the review and monitoring of budget performance goals (绩效目标审核与双监控).

The Python API is in :mod:`rules_service.api`::

    from rules_service.api import Rules
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
