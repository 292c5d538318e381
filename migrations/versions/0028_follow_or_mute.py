"""what someone mutes they do not follow

Revision ID: 0028
Revises: 0027
"""
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM follow WHERE EXISTS (SELECT 1 FROM mute WHERE mute.person_id = follow.user_id "
               "AND mute.post_id = follow.post_id)")
    op.execute("DELETE FROM following WHERE EXISTS (SELECT 1 FROM mute WHERE mute.person_id = following.person_id "
               "AND (mute.topic_id = following.topic_id OR mute.user_id = following.user_id))")


def downgrade() -> None:
    """Muting went before following; what was followed beside makes no difference to what anybody hears."""
