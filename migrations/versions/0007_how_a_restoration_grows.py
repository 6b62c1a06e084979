"""why N changed, what a stage has come to, and how many orders a transfer may move for now"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("panel_size") as table:
        # The default lets code that does not know the column write rows.
        table.add_column(sa.Column("cause", sa.String(length=32), nullable=False, server_default="stated"))
        table.add_column(sa.Column("reason", sa.JSON(), nullable=True))
    with op.batch_alter_table("transfer") as table:
        # Transfers that have begun already go on as they were: nothing holds them.
        table.add_column(sa.Column("allowance", sa.BigInteger(), nullable=True))
    op.create_table(
        "progress_mark",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("restored", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["panel_id"], ["panel.id"], name=op.f("fk_progress_mark_panel_id_panel"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("panel_id", "stage", "percent", name=op.f("pk_progress_mark")),
    )


def downgrade() -> None:
    op.drop_table("progress_mark")
    with op.batch_alter_table("transfer") as table:
        table.drop_column("allowance")
    with op.batch_alter_table("panel_size") as table:
        table.drop_column("reason")
        table.drop_column("cause")
