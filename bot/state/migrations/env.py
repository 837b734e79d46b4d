"""What Alembic runs: the revisions, on the connection and in the transaction that ``corpus.database`` gives."""

from alembic import context

from bot.state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    version_table=context.config.attributes["version_table"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
