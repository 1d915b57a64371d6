"""What Alembic runs to migrate: on the connection that it is handed, in that connection's transaction."""

from __future__ import annotations

from alembic import context

from comfy_gen.jobs.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
