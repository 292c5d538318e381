"""what people say of matches, and which they were shown

Revision ID: 0005
Revises: 0004
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('judgement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('match_kind', sa.String(), nullable=False),
    sa.Column('match_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('weights', sa.String(), nullable=False),
    sa.Column('judged_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_judgement_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_judgement')),
    sa.UniqueConstraint('person_id', 'subject_kind', 'subject_id', 'match_kind', 'match_id', name='uq_judgement_place')
    )
    op.create_index('ix_judgement_match', 'judgement', ['match_kind', 'match_id'])
    op.create_table('impression',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('shown_on', sa.Date(), nullable=False),
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('match_kind', sa.String(), nullable=False),
    sa.Column('match_id', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('strength', sa.String(), nullable=False),
    sa.Column('weights', sa.String(), nullable=False),
    sa.Column('opened_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_impression_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_impression')),
    sa.UniqueConstraint('person_id', 'subject_kind', 'subject_id', 'match_kind', 'match_id', 'shown_on', name='uq_impression_place')
    )
    op.create_index('ix_impression_shown_on', 'impression', ['shown_on'])


def downgrade() -> None:
    op.drop_table('impression')
    op.drop_table('judgement')
