"""what a stage was before, why it is stuck, and who corrected it"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
STUCK = "state IN ('failed', 'needs_choice')"


def upgrade() -> None:
    op.add_column("stage_state", sa.Column("reason", sa.String(200), nullable=True))
    op.add_column("stage_state", sa.Column("by", sa.String(64), nullable=True))
    op.add_column("stage_state", sa.Column("past", sa.Text(), nullable=True))
    op.create_index(
        "ix_stage_state_stuck",
        "stage_state",
        ["stage", "state", "reason"],
        sqlite_where=sa.text(STUCK),
        postgresql_where=sa.text(STUCK),
    )


def downgrade() -> None:
    op.drop_index("ix_stage_state_stuck", "stage_state")
    for column in ("past", "by", "reason"):
        op.drop_column("stage_state", column)
