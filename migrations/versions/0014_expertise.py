"""fields that people know, with what they say of them, who confirmed them, and endorsed answers

Revision ID: 0014
Revises: 0013
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('person_field',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('topic_id', sa.String(), nullable=False),
    sa.Column('weight', sa.Double(), nullable=False),
    sa.Column('is_verified', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_person_field_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_person_field_topic_id')),
    sa.PrimaryKeyConstraint('person_id', 'topic_id', name=op.f('pk_person_field'))
    )
    op.create_index(op.f('ix_person_field_topic_id'), 'person_field', ['topic_id'])
    # What profiles state, so that the directory finds it until the rest is computed: 1 - exp(-.3).
    op.execute(sa.text(
        'INSERT INTO person_field (person_id, topic_id, weight, is_verified) '
        'SELECT user_id, topic_id, 0.2592, :no FROM user_topic'
    ).bindparams(sa.bindparam('no', False, sa.Boolean())))

    op.create_table('field_choice',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('topic_id', sa.String(), nullable=False),
    sa.Column('choice', sa.String(), nullable=False),
    sa.Column('level', sa.String(), nullable=True),
    sa.Column('times_lowered', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_field_choice_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_field_choice_topic_id')),
    sa.PrimaryKeyConstraint('person_id', 'topic_id', name=op.f('pk_field_choice'))
    )
    op.create_index(op.f('ix_field_choice_topic_id'), 'field_choice', ['topic_id'])

    op.create_table('field_exclusion',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('topic_id', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_field_exclusion_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_field_exclusion_topic_id')),
    sa.PrimaryKeyConstraint('person_id', 'topic_id', 'kind', 'subject_id', name=op.f('pk_field_exclusion'))
    )
    op.create_index(op.f('ix_field_exclusion_topic_id'), 'field_exclusion', ['topic_id'])

    op.create_table('verification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('topic_id', sa.String(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('withdrawn_at', UTCDateTime(), nullable=True),
    sa.Column('withdrawn_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_verification_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['topic_id'], ['topic.id'], name=op.f('fk_verification_topic_id')),
    sa.ForeignKeyConstraint(['by_id'], ['user.id'], name=op.f('fk_verification_by_id')),
    sa.ForeignKeyConstraint(['withdrawn_by_id'], ['user.id'], name=op.f('fk_verification_withdrawn_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_verification'))
    )
    op.create_index('ix_verification_person', 'verification', ['person_id', 'topic_id'])
    for column in ('topic_id', 'by_id', 'withdrawn_by_id'):
        op.create_index(op.f(f'ix_verification_{column}'), 'verification', [column])

    op.create_table('endorsement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('answer_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['answer_id'], ['answer.id'], name=op.f('fk_endorsement_answer_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_endorsement_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endorsement')),
    sa.UniqueConstraint('answer_id', 'person_id', name=op.f('uq_endorsement_answer_id_person_id'))
    )
    op.create_index(op.f('ix_endorsement_person_id'), 'endorsement', ['person_id'])


def downgrade() -> None:
    for table in ('endorsement', 'verification', 'field_exclusion', 'field_choice', 'person_field'):
        op.drop_table(table)
