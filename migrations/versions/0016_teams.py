"""invitations to work on an idea, and the roles that its text calls for

Revision ID: 0016
Revises: 0015
"""
from alembic import op
import sqlalchemy as sa

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('joining') as table:
        table.add_column(sa.Column('role_id', sa.String(), nullable=True))
        table.add_column(sa.Column('invitation', sa.String(), nullable=False, server_default=''))
        table.add_column(sa.Column('reply', sa.String(), nullable=False, server_default=''))
        table.add_column(sa.Column('is_invited', sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_foreign_key(op.f('fk_joining_role_id'), 'role', ['role_id'], ['id'])
    with op.batch_alter_table('joining') as table:
        for name in ('invitation', 'reply', 'is_invited'):
            table.alter_column(name, server_default=None)
    op.create_table('called_role',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.String(), nullable=False),
    sa.Column('sentence', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_called_role_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_called_role_role_id')),
    sa.PrimaryKeyConstraint('idea_id', 'role_id', name=op.f('pk_called_role'))
    )
    op.create_index(op.f('ix_called_role_role_id'), 'called_role', ['role_id'])
    op.create_table('needs_reading',
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_needs_reading_idea_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('idea_id', name=op.f('pk_needs_reading'))
    )


def downgrade() -> None:
    op.drop_table('needs_reading')
    op.drop_table('called_role')
    with op.batch_alter_table('joining') as table:
        table.drop_constraint(op.f('fk_joining_role_id'), type_='foreignkey')
        table.drop_column('is_invited')
        table.drop_column('reply')
        table.drop_column('invitation')
        table.drop_column('role_id')
