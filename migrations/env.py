"""How Alembic reaches our database: the app's own engine and metadata, one migrator at a time."""

from alembic import context
from sqlalchemy import JSON, DateTime, Enum, TypeDecorator, text

from statuspage import models  # noqa: F401  # importing it fills the metadata
from statuspage.db import Model, db

MIGRATION_LOCK = 7_203_114


def plain_type(kind: str, item: object, _context: object) -> str | bool:
    """A migration names plain types: it must run when ours have changed."""
    if kind != "type":
        return False
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    inner = item.impl_instance if isinstance(item, TypeDecorator) else item
    if isinstance(inner, DateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(inner, JSON):
        return "sa.JSON()"
    return False


def run() -> None:
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Two machines that start together must not both migrate.
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=plain_type,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
