"""what one shift of staff hands over to the next about an incident"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.String(length=80), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_handover_note_incident_id_incident"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_note")),
        sa.UniqueConstraint("form_key", name=op.f("uq_handover_note_form_key")),
    )
    op.create_index(op.f("ix_handover_note_incident_id"), "handover_note", ["incident_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_handover_note_incident_id"), "handover_note")
    op.drop_table("handover_note")
