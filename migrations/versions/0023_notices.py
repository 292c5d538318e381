"""which comment an entry is about, and what people are told

Revision ID: 0023
Revises: 0022
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('journal_entry') as table:
        table.add_column(sa.Column('comment_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_journal_entry_comment_id'), 'comment', ['comment_id'], ['id'], ondelete='CASCADE')
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.Column('comment_id', sa.Integer(), nullable=True),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('read_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_notice_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['entry_id'], ['journal_entry.id'], name=op.f('fk_notice_entry_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_notice_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_notice_comment_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('person_id', 'entry_id', name=op.f('uq_notice_person_id_entry_id'))
    )
    op.create_index('ix_notice_person', 'notice', ['person_id', 'id'])
    op.create_index('ix_notice_unread', 'notice', ['person_id', 'read_at'])
    op.create_index(op.f('ix_notice_entry_id'), 'notice', ['entry_id'])
    op.create_index(op.f('ix_notice_post_id'), 'notice', ['post_id'])


def downgrade() -> None:
    op.drop_table('notice')
    with op.batch_alter_table('journal_entry') as table:
        table.drop_constraint(op.f('fk_journal_entry_comment_id'), type_='foreignkey')
        table.drop_column('comment_id')
