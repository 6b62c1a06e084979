"""how fast one transfer moves, for its owner's page; and indexes without the many rows that have no value there"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
TABLE = "account_recovery"
COLUMNS = ("login_hash", "original_id")


def upgrade() -> None:
    op.add_column("transfer", sa.Column("past", sa.JSON(), nullable=True))
    for column in COLUMNS:
        op.drop_index(f"ix_{TABLE}_{column}", TABLE)
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column], sqlite_where=known, postgresql_where=known)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f"ix_{TABLE}_{column}", TABLE)
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])
    op.drop_column("transfer", "past")
