"""answers with sources, revisions, support and comments

Revision ID: 0013
Revises: 0012
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sources', sa.JSON(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('edited_at', UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('support_count', sa.Integer(), server_default='0', nullable=False))
    op.create_table('answer_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('sources', sa.JSON(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_answer_revision_answer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_answer_revision_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_revision')),
    sa.UniqueConstraint('answer_id', 'number', name=op.f('uq_answer_revision_answer_id_number'))
    )
    op.execute(
        "INSERT INTO answer_revision (answer_id, number, author_id, reason, body, sources, created_at) "
        "SELECT id, 1, author_id, '', body, sources, created_at FROM answer ORDER BY id"
    )
    op.create_table('answer_support',
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_answer_support_answer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_answer_support_user_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('answer_id', 'user_id', name=op.f('pk_answer_support'))
    )
    op.create_index(op.f('ix_answer_support_user_id'), 'answer_support', ['user_id'])
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answer_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_comment_answer_id'), 'answer', ['answer_id'], ['id'], ondelete='CASCADE')
        batch_op.create_index(batch_op.f('ix_comment_answer_id'), ['answer_id'])


def downgrade() -> None:
    # What was said of answers would stand below their questions
    op.execute('DELETE FROM comment WHERE answer_id IS NOT NULL')
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comment_answer_id'))
        batch_op.drop_constraint(batch_op.f('fk_comment_answer_id'), type_='foreignkey')
        batch_op.drop_column('answer_id')
    op.drop_table('answer_support')
    op.drop_table('answer_revision')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_column('support_count')
        batch_op.drop_column('revision')
        batch_op.drop_column('edited_at')
        batch_op.drop_column('sources')
