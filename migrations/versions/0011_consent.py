"""how often people may be asked and by whom, what they come for, and who looks after a group

Revision ID: 0011
Revises: 0010
"""
from alembic import op
import sqlalchemy as sa

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('user') as table:
        table.add_column(sa.Column('asks_a_week', sa.Integer(), nullable=False, server_default='0'))
        table.add_column(sa.Column('is_for_groups_only', sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column('is_here_to_answer', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text('UPDATE "user" SET asks_a_week = 3 WHERE may_be_asked'))
    with op.batch_alter_table('user') as table:
        table.drop_column('may_be_asked')
        for name in ('asks_a_week', 'is_for_groups_only', 'is_here_to_answer'):
            table.alter_column(name, server_default=None)
    with op.batch_alter_table('membership') as table:
        table.add_column(sa.Column('is_tutor', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('membership') as table:
        table.alter_column('is_tutor', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('membership') as table:
        table.drop_column('is_tutor')
    with op.batch_alter_table('user') as table:
        table.add_column(sa.Column('may_be_asked', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text('UPDATE "user" SET may_be_asked = (asks_a_week > 0)'))
    with op.batch_alter_table('user') as table:
        table.alter_column('may_be_asked', server_default=None)
        for name in ('is_here_to_answer', 'is_for_groups_only', 'asks_a_week'):
            table.drop_column(name)
