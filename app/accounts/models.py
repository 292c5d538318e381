"""People and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, Table
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, Model, UTCDateTime, now
from app.taxonomy.models import Role, Topic

IMPORTED_NAMES = "imported-"
"""How the names of imported people begin; nobody can register one, and so pass for an author elsewhere."""

ASKS_A_WEEK = (0, 1, 3, 10)
"""That a person may agree to."""

user_role = Table(
    "user_role",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True, index=True),
)
user_topic = Table(
    "user_topic",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topic.id"), primary_key=True, index=True),
)


class User(Model, UserMixin):
    """A person. Demo people are invented, imported ones stand for authors of imported texts; neither can sign in."""

    __allow_unmapped__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    """The short name in addresses and mentions, always lower case."""
    display_name: Mapped[str]
    email: Mapped[str | None]
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person showed that they read what comes to it; notices go nowhere else."""
    password_hash: Mapped[str | None]
    kind: Mapped[str] = mapped_column(default="member")
    is_moderator: Mapped[bool] = mapped_column(default=False)
    is_admin: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    country: Mapped[str | None]
    organisation: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    offers: Mapped[str] = mapped_column(default="")
    """What I can help with, in the person's own words."""
    asks_a_week: Mapped[int] = mapped_column(default=0)
    """How often others may ask, one of ASKS_A_WEEK; 0 is no consent to be shown as someone who can help."""
    is_for_groups_only: Mapped[bool] = mapped_column(default=False)
    """What the profile says, and that the person may be asked, is for members of their private groups."""
    is_here_to_answer: Mapped[bool] = mapped_column(default=False)
    """Came for the questions, not for the course."""
    links: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    roles: Mapped[list[Role]] = relationship(secondary=user_role, order_by=Role.position)
    topics: Mapped[list[Topic]] = relationship(secondary=user_topic, order_by=Topic.position)

    is_signed_in = True
    session_token: str | None = None
    """Set while the person is signed in on this request; the cookie holds it, the database only its digest."""

    def get_id(self) -> str:
        return self.session_token or ""

    @hybrid_property
    def may_be_asked(self) -> bool:
        """Consent to be shown to others as someone who can help."""
        return self.asks_a_week > 0

    @property
    def is_demo(self) -> bool:
        return self.kind == "demo"

    @property
    def is_imported(self) -> bool:
        return self.kind == "imported"

    @property
    def can_sign_in(self) -> bool:
        """And so answer others."""
        return self.kind == "member"


class UserSession(Model):
    """One sign-in on one device. Deleting the row signs that device out, whatever cookies it replays."""

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Guest:
    """Someone who has not signed in; answers every question that User does."""

    id: None = None
    name: Literal[""] = ""
    display_name: str = "Guest"
    is_signed_in: Literal[False] = False
    is_authenticated: Literal[False] = False
    is_active: Literal[False] = False
    is_anonymous: Literal[True] = True
    is_moderator: Literal[False] = False
    is_admin: Literal[False] = False
    is_demo: Literal[False] = False
    may_be_asked: Literal[False] = False
    is_here_to_answer: Literal[False] = False
    country: None = None
    languages: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    topics: tuple[Topic, ...] = ()

    def get_id(self) -> None:
        return None


Viewer = User | Guest
