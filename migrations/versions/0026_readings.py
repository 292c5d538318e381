"""which revision of a post its followers read last, and which revision brought an older text back

Revision ID: 0026
Revises: 0025
"""
from alembic import op
import sqlalchemy as sa

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('revision') as table:
        table.add_column(sa.Column('restored', sa.Integer(), nullable=True))
    op.create_table('reading',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['user.id'], name=op.f('fk_reading_person_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_reading_post_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', 'person_id', name=op.f('pk_reading'))
    )
    op.create_index(op.f('ix_reading_person_id'), 'reading', ['person_id'])


def downgrade() -> None:
    op.drop_table('reading')
    with op.batch_alter_table('revision') as table:
        table.drop_column('restored')
