"""The command line ``rules-service``: one file a verb, texts in ``messages_{zh,en}.yaml``."""

from rules_service.cli.main import main

__all__ = ["main"]
