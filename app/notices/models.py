"""What a person is told of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from secrets import token_urlsafe
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime, now

KINDS = {
    "answers": _l("Answers to what you asked"),
    "comments": _l("Comments and replies"),
    "mentions": _l("When someone names you"),
    "changes": _l("Changes to what you follow"),
    "collaboration": _l("Working together"),
    "asks": _l("Questions put to you"),
    "followed": _l("New from topics, people and searches you follow"),
    "thanks": _l("Thanks"),
    "moderation": _l("What moderators did"),
}
"""What a person can choose to hear of."""


class Notice(Model):
    """One person is told of one change of state; once."""

    __table_args__ = (
        UniqueConstraint("person_id", "entry_id"),
        Index("ix_notice_person", "person_id", "id"),
        Index("ix_notice_unread", "person_id", "read_at"),
        Index("ix_notice_unmailed", "mail_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    """Who is told."""
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entry.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    """One of KINDS."""
    reason: Mapped[str]
    """Why they are told: a key of REASONS in `app.notices.sentences`."""
    detail: Mapped[str] = mapped_column(default="")
    """What belongs to the reason, such as the name of a topic."""
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The same moment for all that were marked at once: they stay one group."""
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail.id", ondelete="SET NULL"))
    """The mail that tells of it; never a second one."""


AT_ONCE, DAILY, WEEKLY, OFF = "at_once", "daily", "weekly", "off"
DEFAULT_MODES = {
    **dict.fromkeys(("answers", "mentions", "asks", "collaboration", "moderation"), AT_ONCE),
    **dict.fromkeys(("comments", "changes"), DAILY),
    "followed": WEEKLY,
    "thanks": OFF,
}
"""How soon each kind of notice is mailed to whoever chose nothing else."""


class MailChoice(Model):
    """What one person wants mailed, and when. Hours and weekdays are those of their own clock."""

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """A random word by which the links in their mails know the person, and nobody else does."""
    modes: Mapped[dict[str, str]] = mapped_column(JSON)
    """By kind, where it differs from the default."""
    is_off: Mapped[bool]
    """No mail at all."""
    time_zone: Mapped[str]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    """Full hours between which no mail comes; they may span midnight."""
    digest_hour: Mapped[int]
    digest_weekday: Mapped[int]
    """0 is Monday."""
    digested_for: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The moment for which the last digest was due, whenever it was sent."""

    @classmethod
    def default(cls, person_id: int) -> MailChoice:
        facts = {"person_id": person_id, "key": token_urlsafe(16), "modes": {}, "is_off": False}
        return cls(**facts, time_zone="UTC", digest_hour=7, digest_weekday=0)

    def mode_of(self, kind: str) -> str:
        return OFF if self.is_off else self.chosen_mode_of(kind)

    def chosen_mode_of(self, kind: str) -> str:
        """Also while all mail is off."""
        return self.modes.get(kind, DEFAULT_MODES[kind])

    def set_modes(self, modes: Mapping[str, str]) -> None:
        """Those of all other kinds stay."""
        chosen = {**DEFAULT_MODES, **self.modes, **modes}
        self.modes = {kind: mode for kind, mode in chosen.items() if mode != DEFAULT_MODES[kind]}

    def is_time_for(self, kind: str, *, made_at: datetime, moment: datetime) -> bool:
        """Whether a notice of this kind, made then, is to be mailed at this moment."""
        mode = self.mode_of(kind)
        if mode == OFF or self.is_quiet(moment):
            return False
        return mode == AT_ONCE or (self.is_digest_due(moment) and made_at <= self.digest_before(moment, mode))

    def is_quiet(self, moment: datetime) -> bool:
        if self.quiet_from is None or self.quiet_until is None:
            return False
        hour = moment.astimezone(self.zone).hour
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until

    def is_digest_due(self, moment: datetime) -> bool:
        """One a day: on the day of the last one no other is due, even if the hour was changed in between."""
        last, due = self.digested_for, self.digest_before(moment, DAILY)
        return last is None or last.astimezone(self.zone).date() < due.astimezone(self.zone).date()

    def digest_before(self, moment: datetime, mode: str) -> datetime:
        """When the last daily or weekly digest was due. An hour that the clock skips is the one after it; one that it
        shows twice, the first."""
        day = moment.astimezone(self.zone).date()
        at = self._digest_on(day)
        while at > moment or (mode == WEEKLY and day.weekday() != self.digest_weekday):
            day -= timedelta(days=1)
            at = self._digest_on(day)
        return at

    @property
    def zone(self) -> tzinfo:
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    def _digest_on(self, day: date) -> datetime:
        return datetime.combine(day, time(self.digest_hour), self.zone).astimezone(UTC)
