"""weights learned from judgements

Revision ID: 0008
Revises: 0007
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('learned_weights',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('parts', sa.JSON(), nullable=False),
    sa.Column('scores', sa.JSON(), nullable=False),
    sa.Column('measured', sa.JSON(), nullable=False),
    sa.Column('learned_at', UTCDateTime(), nullable=False),
    sa.Column('withdrawn_at', UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_learned_weights')),
    sa.UniqueConstraint('name', name=op.f('uq_learned_weights_name'))
    )


def downgrade() -> None:
    op.drop_table('learned_weights')
