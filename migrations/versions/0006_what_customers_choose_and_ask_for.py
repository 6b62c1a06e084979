"""what customers choose and ask for, temporary accounts into their originals, and the mail about it"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account_merge',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('original_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('temporary_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('to_create', sa.BigInteger(), nullable=False),
    sa.Column('to_merge', sa.BigInteger(), nullable=False),
    sa.Column('in_conflict', sa.BigInteger(), nullable=False),
    sa.Column('examples', sa.JSON(), nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('planned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('run_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created', sa.BigInteger(), nullable=True),
    sa.Column('merged', sa.BigInteger(), nullable=True),
    sa.Column('failed', sa.BigInteger(), nullable=True),
    sa.Column('override_reason', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['original_id'], ['account_recovery.id'], name=op.f('fk_account_merge_original_id_account_recovery'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['temporary_id'], ['account_recovery.id'], name=op.f('fk_account_merge_temporary_id_account_recovery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_merge')),
    sa.UniqueConstraint('public_id', name=op.f('uq_account_merge_public_id')),
    sa.UniqueConstraint('temporary_id', name=op.f('uq_account_merge_temporary_id'))
    )
    with op.batch_alter_table('account_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_account_merge_original_id'), ['original_id'], unique=False)

    op.create_table('backlog_request',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account_recovery.id'], name=op.f('fk_backlog_request_account_id_account_recovery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backlog_request')),
    sa.UniqueConstraint('public_id', name=op.f('uq_backlog_request_public_id'))
    )
    with op.batch_alter_table('backlog_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_backlog_request_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_backlog_request_state', ['state', 'id'], unique=False)

    op.create_table('choice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('default', sa.String(length=32), nullable=False),
    sa.Column('deadline', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chosen', sa.String(length=32), nullable=True),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('carried_out', sa.String(length=32), nullable=True),
    sa.Column('carried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account_recovery.id'], name=op.f('fk_choice_account_id_account_recovery'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_choice')),
    sa.UniqueConstraint('account_id', 'kind', name=op.f('uq_choice_account_id_kind')),
    sa.UniqueConstraint('public_id', name=op.f('uq_choice_public_id'))
    )
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.create_index('ix_choice_deadline', ['carried_at', 'deadline'], unique=False)

    op.create_table('choice_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('choice_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('act', sa.String(length=32), nullable=False),
    sa.Column('option', sa.String(length=32), nullable=True),
    sa.Column('number', sa.String(length=16), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['choice_id'], ['choice.id'], name=op.f('fk_choice_step_choice_id_choice'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_choice_step')),
    sa.UniqueConstraint('number', name=op.f('uq_choice_step_number'))
    )
    with op.batch_alter_table('choice_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_choice_step_choice_id'), ['choice_id'], unique=False)

    with op.batch_alter_table('link_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('locale', sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column('tries', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('try_after', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_link_request_handled', ['handled_at', 'account_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('link_request', schema=None) as batch_op:
        batch_op.drop_index('ix_link_request_handled')
        batch_op.drop_column('mailed_at')
        batch_op.drop_column('try_after')
        batch_op.drop_column('tries')
        batch_op.drop_column('locale')

    with op.batch_alter_table('choice_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_choice_step_choice_id'))

    op.drop_table('choice_step')
    with op.batch_alter_table('choice', schema=None) as batch_op:
        batch_op.drop_index('ix_choice_deadline')

    op.drop_table('choice')
    with op.batch_alter_table('backlog_request', schema=None) as batch_op:
        batch_op.drop_index('ix_backlog_request_state')
        batch_op.drop_index(batch_op.f('ix_backlog_request_account_id'))

    op.drop_table('backlog_request')
    with op.batch_alter_table('account_merge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_account_merge_original_id'))

    op.drop_table('account_merge')
