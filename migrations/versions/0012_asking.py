"""what a question needs to be answered, what it is about, how it ends, and who has it too

Revision ID: 0012
Revises: 0011
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

TEXTS = ('place', 'tried', 'wanted', 'closing', 'closing_note', 'elsewhere')
LINKS = (
    ('idea_id', 'idea', 'SET NULL'),
    ('nugget_id', 'nugget', 'SET NULL'),
    ('resource_id', 'resource', 'SET NULL'),
    ('closed_by_id', 'user', None),
    ('from_comment_id', 'comment', 'SET NULL'),
    ('became_comment_id', 'comment', 'SET NULL'),
)
INDEXED = ('idea_id', 'nugget_id', 'resource_id')


def upgrade() -> None:
    with op.batch_alter_table('question', schema=None) as batch_op:
        for name in TEXTS:
            batch_op.add_column(sa.Column(name, sa.String(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('needed_by', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('too_count', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('closed_at', UTCDateTime(), nullable=True))
        for name, target, ondelete in LINKS:
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch_op.create_foreign_key(op.f(f'fk_question_{name}'), target, [name], ['id'], ondelete=ondelete)
        for name in INDEXED:
            batch_op.create_index(op.f(f'ix_question_{name}'), [name])
        batch_op.create_index('ix_question_from_comment_id', ['from_comment_id'], unique=True)
    op.create_table('question_too',
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_too_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_question_too_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', 'user_id', name=op.f('pk_question_too'))
    )
    op.create_index(op.f('ix_question_too_user_id'), 'question_too', ['user_id'])


def downgrade() -> None:
    op.drop_table('question_too')
    with op.batch_alter_table('question', schema=None) as batch_op:
        for name in (*INDEXED, 'from_comment_id'):
            batch_op.drop_index(f'ix_question_{name}')
        for name, _, _ in LINKS:
            batch_op.drop_constraint(op.f(f'fk_question_{name}'), type_='foreignkey')
            batch_op.drop_column(name)
        for name in ('closed_at', 'too_count', 'needed_by', *TEXTS):
            batch_op.drop_column(name)
