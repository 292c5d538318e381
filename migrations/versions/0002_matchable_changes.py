"""what changed with each generation of what can be matched

Revision ID: 0002
Revises: 0001
"""
from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('matchable_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matchable_change'))
    )
    with op.batch_alter_table('matchable_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_matchable_change_generation'), ['generation'], unique=False)
    with op.batch_alter_table('matchable_text', schema=None) as batch_op:
        batch_op.add_column(sa.Column('form', sa.Integer(), server_default='1', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('matchable_text', schema=None) as batch_op:
        batch_op.drop_column('form')
    op.execute("UPDATE matchable_text SET digest = ''")  # made anew, in the form of before
    op.drop_table('matchable_change')
