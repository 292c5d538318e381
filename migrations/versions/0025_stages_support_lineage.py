"""why people support a post; ideas that are merged into another one

Revision ID: 0025
Revises: 0024
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('support') as table:
        table.add_column(sa.Column('reason', sa.String(), nullable=False, server_default=''))
    with op.batch_alter_table('support') as table:
        table.alter_column('reason', server_default=None)
    for name in ('support', 'follow'):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column('merged_from_id', sa.Integer(), nullable=True))
            table.create_foreign_key(op.f(f'fk_{name}_merged_from_id'), 'post', ['merged_from_id'], ['id'], ondelete='SET NULL')
    with op.batch_alter_table('post') as table:
        table.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_post_merged_into_id'), 'post', ['merged_into_id'], ['id'], ondelete='SET NULL')
        table.create_index(op.f('ix_post_merged_into_id'), ['merged_into_id'])
    op.create_table('merge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('idea_id', sa.Integer(), nullable=False),
    sa.Column('target_id', sa.Integer(), nullable=False),
    sa.Column('line', sa.String(), nullable=False),
    sa.Column('reply', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('proposed_at', UTCDateTime(), nullable=False),
    sa.Column('answered_at', UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['idea_id'], ['idea.id'], name=op.f('fk_merge_idea_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['target_id'], ['idea.id'], name=op.f('fk_merge_target_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merge'))
    )
    op.create_index(op.f('ix_merge_idea_id'), 'merge', ['idea_id'])
    op.create_index(op.f('ix_merge_target_id'), 'merge', ['target_id'])


def downgrade() -> None:
    for name in ('follow', 'support'):
        op.execute(f'DELETE FROM {name} WHERE merged_from_id IS NOT NULL')
    op.execute('UPDATE post SET support_count = (SELECT count(*) FROM support WHERE support.post_id = post.id)')
    op.execute('UPDATE post SET deleted_at = NULL WHERE merged_into_id IS NOT NULL')
    op.drop_table('merge')
    with op.batch_alter_table('post') as table:
        table.drop_index(op.f('ix_post_merged_into_id'))
        table.drop_constraint(op.f('fk_post_merged_into_id'), type_='foreignkey')
        table.drop_column('merged_into_id')
    for name in ('follow', 'support'):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f'fk_{name}_merged_from_id'), type_='foreignkey')
            table.drop_column('merged_from_id')
    with op.batch_alter_table('support') as table:
        table.drop_column('reason')
