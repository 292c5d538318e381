"""who is asked to answer a question, and who is on it

Revision ID: 0015
Revises: 0014
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ask',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('line', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('asked_at', UTCDateTime(), nullable=False),
    sa.Column('ended_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_ask_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_ask_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_ask_by_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ask')),
    sa.UniqueConstraint('question_id', 'person_id', name=op.f('uq_ask_question_id_person_id'))
    )
    op.create_index('ix_ask_person', 'ask', ['person_id', 'state'])
    op.create_index(op.f('ix_ask_by_id'), 'ask', ['by_id'])
    op.create_table('claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('claimed_at', UTCDateTime(), nullable=False),
    sa.Column('until', UTCDateTime(), nullable=False),
    sa.Column('ending', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_claim_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_claim_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claim'))
    )
    op.create_index('ix_claim_question', 'claim', ['question_id', 'until'])
    op.create_index(op.f('ix_claim_person_id'), 'claim', ['person_id'])
    op.create_table('pass',
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('passed_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_pass_question_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_pass_person_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', 'person_id', name=op.f('pk_pass'))
    )
    op.create_index(op.f('ix_pass_person_id'), 'pass', ['person_id'])
    op.create_table('escalation',
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('reached_at', UTCDateTime(), nullable=False),
    sa.Column('begun_at', UTCDateTime(), nullable=False),
    sa.Column('looked_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_escalation_question_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('question_id', name=op.f('pk_escalation'))
    )


def downgrade() -> None:
    for table in ('escalation', 'pass', 'claim', 'ask'):
        op.drop_table(table)
