"""vectors of sentences beside those of sections

Revision ID: 0003
Revises: 0002
"""
from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('matchable_text', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sentence_vectors', sa.LargeBinary(), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('matchable_text', schema=None) as batch_op:
        batch_op.drop_column('sentence_vectors')
