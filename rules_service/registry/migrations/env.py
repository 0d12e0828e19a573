"""Runs the migrations on the connection that the store hands over; there is no other way to run them."""

from __future__ import annotations

from alembic import context

from rules_service.registry.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
