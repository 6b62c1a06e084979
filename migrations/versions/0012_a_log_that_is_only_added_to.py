"""a log that is only added to: triggers that refuse anything else, and a chain of seals over its entries"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
REFUSAL = "the audit log is append-only: its rows are never changed or deleted"
TABLES = ("audit_entry", "audit_seal")


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_seal")),
    )
    op.create_index(op.f("ix_audit_seal_digest"), "audit_seal", ["digest"])
    # Whoever changes these tables in batch mode on SQLite makes them anew, and must make the triggers anew as well.
    if op.get_bind().dialect.name == "sqlite":
        guard_sqlite()
    else:
        guard_postgresql()


def guard_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for table in TABLES:
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {refuse}")
        # REPLACE deletes without asking the trigger of deletions.
        there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid)"
        op.execute(f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} {there} {refuse}")


def guard_postgresql() -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    # A transaction takes its number before the row takes its id: the sealer knows by that which ids are settled.
    op.execute(
        "CREATE OR REPLACE FUNCTION audit_take_number() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_current_xact_id(); RETURN NULL; END $$"
    )
    each = "FOR EACH STATEMENT EXECUTE FUNCTION"
    for table in TABLES:
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} {each} audit_refuse()")
        op.execute(f"CREATE TRIGGER {table}_numbered BEFORE INSERT ON {table} {each} audit_take_number()")


def downgrade() -> None:
    op.drop_table("audit_seal")
    if op.get_bind().dialect.name == "sqlite":
        for name in ("kept", "unchanged", "not_replaced"):
            op.execute(f"DROP TRIGGER audit_entry_{name}")
    else:
        for name in ("kept", "numbered"):
            op.execute(f"DROP TRIGGER audit_entry_{name} ON audit_entry")
        op.execute("DROP FUNCTION audit_refuse()")
        op.execute("DROP FUNCTION audit_take_number()")
