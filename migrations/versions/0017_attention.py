"""how much attention new ideas got, and who is asked to read them

Revision ID: 0017
Revises: 0016
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attention',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('shown', sa.Integer(), nullable=False),
    sa.Column('first_feedback_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_attention_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('idea_id', name=op.f('pk_attention'))
    )
    op.create_index(op.f('ix_attention_first_feedback_at'), 'attention', ['first_feedback_at'])
    op.execute("""
        INSERT INTO attention (idea_id, shown, first_feedback_at)
        SELECT idea.id, 0, (
            SELECT min(comment.created_at) FROM comment
            WHERE comment.post_id = idea.id AND comment.author_id <> post.author_id
        )
        FROM idea JOIN post ON post.id = idea.id
    """)
    op.create_table('reader',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked_at', UTCDateTime(), nullable=False),
    sa.Column('ended_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_reader_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_reader_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reader')),
    sa.UniqueConstraint('idea_id', 'person_id', name=op.f('uq_reader_idea_id_person_id'))
    )
    op.create_index('ix_reader_person', 'reader', ['person_id', 'state'])


def downgrade() -> None:
    op.drop_index('ix_reader_person', table_name='reader')
    op.drop_table('reader')
    op.drop_index(op.f('ix_attention_first_feedback_at'), table_name='attention')
    op.drop_table('attention')
