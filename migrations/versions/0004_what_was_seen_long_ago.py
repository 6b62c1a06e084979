"""raw results take a fifth of the room; hours outlive them; 90 days and the last hours lie ready for the page

Code from before this goes on reading and deciding, but stores no results: upgrade, then start the new worker at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PHASES = ("dns", "connect", "tls", "first_byte")


def upgrade() -> None:
    with op.batch_alter_table("probe") as table:
        table.add_column(sa.Column("counted_until", BIG, nullable=True))
    slim_results()
    op.create_table(
        "probe_hour",
        sa.Column("probe_id", sa.Integer(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("ok", sa.Integer(), nullable=False),
        sa.Column("degraded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("times", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["probe_id"], ["probe.id"], name="fk_probe_hour_probe_id_probe", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("probe_id", "hour", name="pk_probe_hour"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "panel_latency",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("whole", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="fk_panel_latency_panel_id_panel", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("panel_id", name="pk_panel_latency"),
    )
    op.create_table(
        "uptime_strip",
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("days", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_id"], ["component.id"], name="fk_uptime_strip_component_id_component", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("component_id", name="pk_uptime_strip"),
    )


def slim_results() -> None:
    """What was seen so far is kept, in the new form."""
    op.create_table(
        "probe_result_slim",
        sa.Column("probe_id", sa.Integer(), nullable=False),
        sa.Column("slot", BIG, nullable=False),
        sa.Column("lag", sa.Integer(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("total_ms", sa.Integer(), nullable=True),
        *(sa.Column(phase, sa.Integer(), nullable=True) for phase in PHASES),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["probe_id"], ["probe.id"], name="fk_probe_result_probe_id_probe", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("probe_id", "slot", name="pk_probe_result_slim"),
        sqlite_with_rowid=False,
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    at = "extract(epoch from at) * 1000" if is_postgresql else "(julianday(at) - 2440587.5) * 86400000"
    phase = "(phases ->> '{}')::float" if is_postgresql else "json_extract(phases, '$.{}')"
    columns = ["probe_id", "slot", whole(f"{at} - slot * 1000.0"), "ok", "degraded", whole("total_ms * 10")]
    columns += [whole(f"{phase.format(one)} * 10") for one in PHASES]
    op.execute(f"INSERT INTO probe_result_slim SELECT {', '.join(columns)}, error FROM probe_result")
    op.drop_table("probe_result")
    op.rename_table("probe_result_slim", "probe_result")
    if is_postgresql:
        op.execute("ALTER TABLE probe_result RENAME CONSTRAINT pk_probe_result_slim TO pk_probe_result")


def whole(number: str) -> str:
    return f"CAST(round({number}) AS INTEGER)"


def downgrade() -> None:
    op.drop_table("uptime_strip")
    op.drop_table("panel_latency")
    op.drop_table("probe_hour")
    with op.batch_alter_table("probe") as table:
        table.drop_column("counted_until")
    # The raw results of a week are not worth a way back.
    op.drop_table("probe_result")
    op.create_table(
        "probe_result",
        sa.Column("id", BIG, nullable=False),
        sa.Column("probe_id", sa.Integer(), nullable=False),
        sa.Column("slot", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("total_ms", sa.Double(), nullable=True),
        sa.Column("phases", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["probe_id"], ["probe.id"], name="fk_probe_result_probe_id_probe", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_probe_result"),
        sa.UniqueConstraint("probe_id", "slot", name="uq_probe_result_probe_id_slot"),
    )
    op.create_index("ix_probe_result_at", "probe_result", ["at"])
