"""that an author asks a co-author to lead an idea, support counted without that of authors, and older drafts that copy
what only a group may read kept in that group

Revision ID: 0029
Revises: 0028
"""
from alembic import op
import sqlalchemy as sa

from app.database import UTCDateTime

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('joining') as table:
        table.add_column(sa.Column('lead_asked_at', UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE post SET support_count = (SELECT count(*) FROM support WHERE support.post_id = post.id"
        " AND support.user_id != post.author_id AND NOT EXISTS (SELECT 1 FROM co_author WHERE co_author.idea_id = post.id"
        " AND co_author.person_id = support.user_id AND co_author.left_at IS NULL))"
        " WHERE kind = 'idea'"
    )
    keep_copies_in_their_group()


def keep_copies_in_their_group() -> None:
    draft = sa.table('draft', *map(sa.column, ('id', 'kind', 'post_id', 'version')))
    version = sa.table('draft_version', sa.column('draft_id'), sa.column('number'), sa.column('fields', sa.JSON()))
    private = "SELECT idea.id FROM idea JOIN post ON post.id = idea.id JOIN \"group\" ON \"group\".id = post.group_id WHERE is_private"
    sources = {str(id): id for id in op.get_bind().scalars(sa.text(private))}
    newest = sa.and_(version.c.draft_id == draft.c.id, version.c.number == draft.c.version)
    drafts = sa.select(draft.c.id, version.c.fields).join(version, newest)
    for draft_id, fields in op.get_bind().execute(drafts.where(draft.c.kind == 'idea', draft.c.post_id.is_(None))).all():
        source = sources.get(next((value for name, value in fields if name == 'fork'), ''))
        if source is not None:
            op.execute(draft.update().where(draft.c.id == draft_id).values(post_id=source))


def downgrade() -> None:
    op.execute("UPDATE joining SET state = 'left' WHERE state = 'leads'")
    op.execute(
        "UPDATE post SET support_count = (SELECT count(*) FROM support WHERE support.post_id = post.id)"
        " WHERE kind = 'idea'"
    )
    with op.batch_alter_table('joining') as table:
        table.drop_column('lead_asked_at')
