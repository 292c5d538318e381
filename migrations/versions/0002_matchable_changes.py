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
    op.execute('DELETE FROM matchable_text')  # made anew from texts and vectors, in another form


def downgrade() -> None:
    op.execute('DELETE FROM matchable_text')
    op.drop_table('matchable_change')
