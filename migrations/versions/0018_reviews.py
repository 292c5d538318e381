"""reviews of ideas

Revision ID: 0018
Revises: 0017
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('marks', sa.JSON(), nullable=False),
    sa.Column('strength', sa.String(), nullable=False),
    sa.Column('change', sa.String(), nullable=False),
    sa.Column('given_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_review_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reviewer_id'], ['user.id'], name=op.f('fk_review_reviewer_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('idea_id', 'reviewer_id', name=op.f('uq_review_idea_id_reviewer_id'))
    )
    op.create_index(op.f('ix_review_reviewer_id'), 'review', ['reviewer_id'])


def downgrade() -> None:
    op.drop_index(op.f('ix_review_reviewer_id'), table_name='review')
    op.drop_table('review')
