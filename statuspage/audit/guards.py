"""Keeps the log append-only inside the database: what no code of ours does, no stray statement does either."""

from sqlalchemy import Connection, text

REFUSAL = "the audit log is append-only: its rows are never changed or deleted"
TABLES = ("audit_entry", "audit_seal")
PREPARED_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$""",
    # The transaction takes its number before the row takes its id, so that an old enough id can come no more.
    """CREATE OR REPLACE FUNCTION audit_take_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_current_xact_id(); RETURN NULL; END $$""",
)


def triggers(dialect: str, table: str) -> dict[str, str]:
    """The statements that make a table's triggers, by the triggers' names."""
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        # REPLACE deletes without asking the trigger of deletions.
        there = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid)"  # noqa: S608  # our own two names
        return {
            f"{table}_kept": f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse}",
            f"{table}_unchanged": f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {refuse}",
            f"{table}_not_replaced": f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} {there} {refuse}",
        }
    each = "FOR EACH STATEMENT EXECUTE FUNCTION"
    return {
        f"{table}_kept": f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" {each} audit_refuse()",
        f"{table}_numbered": f"CREATE TRIGGER {table}_numbered BEFORE INSERT ON {table} {each} audit_take_number()",
    }


def put_up(connection: Connection) -> None:
    """Guard both tables, which are there."""
    dialect = connection.dialect.name
    for statement in PREPARED_POSTGRESQL if dialect == "postgresql" else ():
        connection.exec_driver_sql(statement)
    for table in TABLES:
        for statement in triggers(dialect, table).values():
            connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """For a moment, by who then puts them up again: only a demo and tests begin a log anew."""
    of_table = connection.dialect.name == "postgresql"
    for table in TABLES:
        for name in triggers(connection.dialect.name, table):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{f' ON {table}' if of_table else ''}")


def missing(connection: Connection) -> list[str]:
    """The triggers that somebody took away or switched off."""
    dialect = connection.dialect.name
    known = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    )
    found = set(connection.scalars(text(known)))
    return [name for table in TABLES for name in triggers(dialect, table) if name not in found]
