"""several encoders side by side: vectors of any dimension, texts by set of encoders

Texts are made anew from the passages that are there; only what an encoder has not read yet is encoded.

Revision ID: 0004
Revises: 0003
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP INDEX IF EXISTS ix_passage_nearest')
        op.execute('ALTER TABLE passage ALTER COLUMN vector TYPE vector')
    with op.batch_alter_table('index_generation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('encoders', sa.JSON(none_as_null=True), nullable=True))
    op.execute('DELETE FROM schedule')  # what is due every so often is due now: among it, embedding what waits
    op.drop_table('matchable_text')
    op.create_table('matchable_text',
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('encoders', sa.String(), nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('form', sa.Integer(), server_default='1', nullable=False),
    sa.Column('embedded_at', UTCDateTime(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('vectors', sa.LargeBinary(), nullable=False),
    sa.Column('sentence_vectors', sa.LargeBinary(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('subject_kind', 'subject_id', 'encoders', name=op.f('pk_matchable_text'))
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute("DELETE FROM passage WHERE vector_dims(vector) <> 384")
        for index in op.get_bind().execute(
            sa.text("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_passage_nearest_%'")
        ).scalars():
            op.execute(f'DROP INDEX "{index}"')
        op.execute('ALTER TABLE passage ALTER COLUMN vector TYPE vector(384)')
        op.execute("CREATE INDEX ix_passage_nearest ON passage USING hnsw (vector vector_cosine_ops) WHERE level = 'section'")
    op.drop_table('matchable_text')
    op.create_table('matchable_text',
    sa.Column('subject_kind', sa.String(), nullable=False),
    sa.Column('subject_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('digest', sa.String(), nullable=False),
    sa.Column('form', sa.Integer(), server_default='1', nullable=False),
    sa.Column('encoder', sa.String(), nullable=False),
    sa.Column('embedded_at', UTCDateTime(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('vectors', sa.LargeBinary(), nullable=False),
    sa.Column('sentence_vectors', sa.LargeBinary(), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('subject_kind', 'subject_id', name=op.f('pk_matchable_text'))
    )
    with op.batch_alter_table('index_generation', schema=None) as batch_op:
        batch_op.drop_column('encoders')
