"""when the mail server is away, and why; notes of stopped mails that can be read back

Revision ID: 0027
Revises: 0026
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_outage',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('since', UTCDateTime(), nullable=False),
    sa.Column('until', UTCDateTime(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_outage'))
    )
    op.execute("UPDATE journal_entry SET note = '{}' WHERE action IN ('mail_stopped', 'mail_resumed')")


def downgrade() -> None:
    op.drop_table('mail_outage')
