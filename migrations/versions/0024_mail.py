"""mails that wait, confirmed addresses, and what people want mailed

Revision ID: 0024
Revises: 0023
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('to_address', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('html', sa.String(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('next_attempt_at', UTCDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('sent_at', UTCDateTime(), nullable=True),
    sa.Column('failed_at', UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail'))
    )
    op.create_index('ix_mail_due', 'mail', ['sent_at', 'failed_at', 'next_attempt_at'])
    op.create_index(op.f('ix_mail_to_address'), 'mail', ['to_address'])
    with op.batch_alter_table('user') as table:
        table.add_column(sa.Column('email_confirmed_at', UTCDateTime(), nullable=True))
    with op.batch_alter_table('notice') as table:
        table.add_column(sa.Column('mail_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_notice_mail_id'), 'mail', ['mail_id'], ['id'], ondelete='SET NULL')
        table.create_index('ix_notice_unmailed', ['mail_id', 'created_at'])
    op.create_table('mail_choice',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('modes', sa.JSON(), nullable=False),
    sa.Column('is_off', sa.Boolean(), nullable=False),
    sa.Column('time_zone', sa.String(), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_until', sa.Integer(), nullable=True),
    sa.Column('digest_hour', sa.Integer(), nullable=False),
    sa.Column('digest_weekday', sa.Integer(), nullable=False),
    sa.Column('digested_for', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_mail_choice_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_mail_choice')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_choice_key'))
    )


def downgrade() -> None:
    op.drop_table('mail_choice')
    with op.batch_alter_table('notice') as table:
        table.drop_index('ix_notice_unmailed')
        table.drop_constraint(op.f('fk_notice_mail_id'), type_='foreignkey')
        table.drop_column('mail_id')
    with op.batch_alter_table('user') as table:
        table.drop_column('email_confirmed_at')
    op.drop_index(op.f('ix_mail_to_address'), table_name='mail')
    op.drop_index('ix_mail_due', table_name='mail')
    op.drop_table('mail')
