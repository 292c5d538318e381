"""the numbers of match quality, by day

Revision ID: 0007
Revises: 0006
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('measured',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('measure', sa.String(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('measured_at', UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'measure', 'part', name=op.f('pk_measured'))
    )


def downgrade() -> None:
    op.drop_table('measured')
