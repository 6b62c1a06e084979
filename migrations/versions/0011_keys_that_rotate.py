"""keys that rotate: the secret before works beside the new one for a while"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_token", sa.Column("old_secret_hash", sa.LargeBinary(32), nullable=True))
    op.add_column("api_token", sa.Column("old_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_token", sa.Column("old_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("api_token", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for column in ("version", "old_used_at", "old_until", "old_secret_hash"):
        op.drop_column("api_token", column)
