"""Alembic's entry: run the versions on the connection that the store hands over."""

from alembic import context

from thoracle.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite can, once BEGIN is sent by us: see thoracle.store.engine
)
with context.begin_transaction():
    context.run_migrations()
