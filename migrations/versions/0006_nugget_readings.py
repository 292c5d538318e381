"""which nuggets a person has read

Revision ID: 0006
Revises: 0005
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('nugget_reading',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('nugget_id', sa.Integer(), nullable=False),
    sa.Column('read_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_nugget_reading_user_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['nugget_id'], ['nugget.id'], name=op.f('fk_nugget_reading_nugget_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'nugget_id', name=op.f('pk_nugget_reading'))
    )
    op.create_index(op.f('ix_nugget_reading_nugget_id'), 'nugget_reading', ['nugget_id'])


def downgrade() -> None:
    op.drop_table('nugget_reading')
