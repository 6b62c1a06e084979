"""what a probe is to its panel, since when it is heard, and when our own network was cut"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("site") as table:
        table.add_column(sa.Column("impaired_from", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("impaired_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("probe") as table:
        table.add_column(sa.Column("heard_since", sa.DateTime(timezone=True), nullable=True))
        # The default lets code that does not know the column write rows.
        table.add_column(sa.Column("gateway", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("probe") as table:
        table.drop_column("gateway")
        table.drop_column("heard_since")
    with op.batch_alter_table("site") as table:
        table.drop_column("impaired_until")
        table.drop_column("impaired_from")
