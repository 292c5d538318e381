"""which ideas an idea goes on from, and who works on it with its author

Revision ID: 0009
Revises: 0008
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('lineage',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('line', sa.String(), nullable=False),
    sa.Column('made_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_lineage_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['source_id'], ['idea.id'], name=op.f('fk_lineage_source_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('idea_id', 'source_id', name=op.f('pk_lineage'))
    )
    op.create_index(op.f('ix_lineage_source_id'), 'lineage', ['source_id'])
    op.create_table('joining',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked_at', UTCDateTime(), nullable=False),
    sa.Column('answered_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_joining_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_joining_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_joining')),
    sa.UniqueConstraint('idea_id', 'person_id', name=op.f('uq_joining_idea_id_person_id'))
    )
    op.create_index(op.f('ix_joining_person_id'), 'joining', ['person_id'])


def downgrade() -> None:
    op.drop_table('joining')
    op.drop_table('lineage')
