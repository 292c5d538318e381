"""what happened to texts and people

Revision ID: 0010
Revises: 0009
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('journal_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('post_id', sa.Integer(), nullable=True),
    sa.Column('answer_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_journal_entry_by_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_journal_entry_post_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_journal_entry_answer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_journal_entry_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal_entry'))
    )
    op.create_index('ix_journal_entry_post', 'journal_entry', ['post_id', 'id'])
    op.create_index('ix_journal_entry_person', 'journal_entry', ['person_id', 'id'])
    op.create_index(op.f('ix_journal_entry_by_id'), 'journal_entry', ['by_id'])


def downgrade() -> None:
    op.drop_table('journal_entry')
