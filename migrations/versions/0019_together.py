"""co-authors of ideas, suggested edits, and whose suggestion a revision took over

Revision ID: 0019
Revises: 0018
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('co_author',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('joined_at', UTCDateTime(), nullable=False),
    sa.Column('left_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_co_author_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_co_author_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_co_author'))
    )
    op.create_index(op.f('ix_co_author_idea_id'), 'co_author', ['idea_id'])
    op.create_index(op.f('ix_co_author_person_id'), 'co_author', ['person_id'])
    op.execute(
        "INSERT INTO co_author (idea_id, person_id, joined_at) SELECT idea_id, person_id, COALESCE(answered_at, asked_at)"
        " FROM joining WHERE state = 'joined' ORDER BY answered_at, id"
    )
    with op.batch_alter_table('revision') as table:
        table.add_column(sa.Column('proposer_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_revision_proposer_id'), 'user', ['proposer_id'], ['id'])
    op.create_table('suggestion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('proposer_id', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('base', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('made_at', UTCDateTime(), nullable=False),
    sa.Column('decided_at', UTCDateTime(), nullable=True),
    sa.Column('decider_id', sa.Integer(), nullable=True),
    sa.Column('reply', sa.String(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('became_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['became_id'], ['idea.id'], name=op.f('fk_suggestion_became_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decider_id'], ['user.id'], name=op.f('fk_suggestion_decider_id')),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_suggestion_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposer_id'], ['user.id'], name=op.f('fk_suggestion_proposer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion'))
    )
    op.create_index(op.f('ix_suggestion_idea_id'), 'suggestion', ['idea_id'])
    op.create_index(op.f('ix_suggestion_proposer_id'), 'suggestion', ['proposer_id'])


def downgrade() -> None:
    op.drop_table('suggestion')
    with op.batch_alter_table('revision') as table:
        table.drop_constraint(op.f('fk_revision_proposer_id'), type_='foreignkey')
        table.drop_column('proposer_id')
    op.drop_table('co_author')
