"""Alembic migrations of the registry's tables, shipped with the program."""
