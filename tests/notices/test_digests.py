"""Digests come once a day at most, at the hour of the person's own clock, also when that is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.database import db
from app.jobs.commands import run_all_jobs
from app.mail.models import Mail
from app.notices.commands import choose_mail
from app.notices.models import DAILY, WEEKLY, MailChoice
from app.notices.tasks import mail_everybody
from tests.factories import make_answer, make_person, make_question

CHOICE = {
    "modes": {"answers": "daily"},
    "is_off": False,
    "time_zone": "UTC",
    "quiet_from": None,
    "quiet_until": None,
    "digest_hour": 7,
    "digest_weekday": 0,
}


def make_reader(**choice):
    person = make_person(email="ama@example.org", email_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    choose_mail(person, by=person, **CHOICE | choice)
    return person


def answer_at(moment, reader, **facts):
    with time_machine.travel(moment, tick=False):
        make_answer(make_question(by=reader, **facts))
        run_all_jobs()


def sent_between(begin, end, *, every=timedelta(minutes=20)):
    """When digests were written while the worker ran from one moment to the other."""
    moment = begin
    run_all_jobs()
    while moment < end:
        with time_machine.travel(moment, tick=False):
            mail_everybody()
            run_all_jobs()
        moment += every
    db.session.rollback()
    return list(db.session.scalars(select(Mail.created_at).where(Mail.created_at >= begin).order_by(Mail.id)))


def choice_in(zone, **facts):
    choice = MailChoice.default(1)
    choice.time_zone = zone
    for name, value in facts.items():
        setattr(choice, name, value)
    return choice


def test_a_daily_digest_comes_at_its_hour_and_an_empty_one_never(app):
    reader = make_reader(time_zone="Africa/Nairobi", digest_hour=18)
    answer_at(datetime(2026, 3, 2, 9, tzinfo=UTC), reader)
    answer_at(datetime(2026, 3, 2, 9, 30, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 4, 23, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 2, 15, tzinfo=UTC)]


def test_what_came_after_the_hour_waits_for_the_next_day(app):
    reader = make_reader()
    answer_at(datetime(2026, 3, 2, 12, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 3, 23, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 3, 7, tzinfo=UTC)]


def test_a_digest_tells_the_newest_first_and_nothing_twice(app):
    reader = make_reader()
    day = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for number in range(3):
        answer_at(day + timedelta(hours=number), reader, title=f"Question number {number} on phones")
    sent_between(day, day + timedelta(days=1, hours=1))
    answer_at(day + timedelta(days=1, hours=2), reader, title="Question number 3 on phones")
    sent_between(day + timedelta(days=1, hours=2), day + timedelta(days=3))
    first, second = db.session.scalars(select(Mail).order_by(Mail.id)).all()
    places = [first.text.index(f"Question number {number}") for number in (2, 1, 0)]
    assert places == sorted(places)
    assert first.subject.endswith("and 2 more")
    assert "number 3" in second.text
    assert "number 2" not in second.text


def test_answers_to_one_question_are_one_entry(app):
    reader = make_reader()
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=UTC), tick=False):
        question = make_question(by=reader, title="Who collects phones?")
        for _ in range(4):
            make_answer(question)
        run_all_jobs()
    sent_between(datetime(2026, 3, 3, 6, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC))
    (mail,) = db.session.scalars(select(Mail)).all()
    assert mail.text.count("Who collects phones?") == 1
    assert "4 answers to “Who collects phones?”" in mail.subject


def test_a_weekly_digest_comes_on_its_day(app):
    reader = make_reader(modes={"answers": "weekly"}, digest_weekday=4, digest_hour=9, time_zone="Pacific/Auckland")
    answer_at(datetime(2026, 3, 2, 9, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 5, 20, tzinfo=UTC)]  # Friday, nine in the morning


def test_on_its_day_the_weekly_digest_and_the_daily_one_are_one_mail(app):
    reader = make_reader(modes={"answers": "weekly", "comments": "daily"})
    answer_at(datetime(2026, 3, 5, 9, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 3, 9, 9, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 9, 7, tzinfo=UTC)]


def test_a_worker_that_was_away_at_the_hour_sends_it_later_that_day(app):
    reader = make_reader()
    answer_at(datetime(2026, 3, 2, 12, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 3, 15, tzinfo=UTC), datetime(2026, 3, 3, 20, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 3, 15, tzinfo=UTC)]


def test_changing_the_hour_brings_no_second_digest_on_the_same_day(app):
    reader = make_reader()
    answer_at(datetime(2026, 3, 2, 12, tzinfo=UTC), reader)
    sent_between(datetime(2026, 3, 3, 7, tzinfo=UTC), datetime(2026, 3, 3, 8, tzinfo=UTC))
    answer_at(datetime(2026, 3, 3, 9, tzinfo=UTC), reader)
    choose_mail(reader, by=reader, **CHOICE | {"digest_hour": 18})
    sent = sent_between(datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC))
    assert sent == [datetime(2026, 3, 4, 18, tzinfo=UTC)]


def test_a_digest_whose_hour_is_quiet_comes_when_it_is_quiet_no_more_every_day(app):
    reader = make_reader(digest_hour=22, quiet_from=20, quiet_until=6)
    for day in (2, 3, 4):
        answer_at(datetime(2026, 3, day, 12, tzinfo=UTC), reader)
        sent = sent_between(datetime(2026, 3, day, 13, tzinfo=UTC), datetime(2026, 3, day + 1, 12, tzinfo=UTC))
        assert sent == [datetime(2026, 3, day + 1, 6, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (7, datetime(2026, 3, 29, 5, tzinfo=UTC)),  # summer time began that night: seven o'clock is an hour earlier
        (2, datetime(2026, 3, 29, 1, tzinfo=UTC)),  # there was no two o'clock: it comes at three
    ],
)
def test_in_the_night_that_loses_an_hour_one_digest_comes(app, hour, expected):
    reader = make_reader(time_zone="Europe/Berlin", digest_hour=hour)
    answer_at(datetime(2026, 3, 28, 12, tzinfo=UTC), reader)
    sent = sent_between(datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert sent == [expected]


def test_in_the_night_that_gains_an_hour_one_digest_comes(app):
    reader = make_reader(time_zone="Europe/Berlin", digest_hour=2)
    answer_at(datetime(2026, 10, 24, 12, tzinfo=UTC), reader)
    begin = datetime(2026, 10, 24, 13, tzinfo=UTC)
    sent = sent_between(begin, begin + timedelta(hours=11, minutes=30))  # up to half past two, the first time
    assert sent == [datetime(2026, 10, 25, 0, tzinfo=UTC)]
    answer_at(datetime(2026, 10, 25, 0, 40, tzinfo=UTC), reader)
    late = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
    assert sent_between(late, datetime(2026, 10, 26, tzinfo=UTC)) == []


def test_over_a_year_there_is_one_moment_for_each_day():
    for zone in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"):
        for hour in (0, 2, 23):
            choice = choice_in(zone, digest_hour=hour)
            moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
            while moment < datetime(2027, 1, 1, tzinfo=UTC):
                due = choice.digest_before(moment, DAILY)
                assert due <= moment
                assert moment - due < timedelta(hours=26)
                found += [due] if not found or found[-1] != due else []
                moment += timedelta(hours=1)
            days = [due.astimezone(choice.zone).date() for due in found]
            assert days == sorted(set(days))


def test_a_week_has_one_moment_for_weekly_digests():
    choice = choice_in("America/New_York", digest_weekday=6)
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    found = {choice.digest_before(moment + timedelta(hours=hours), WEEKLY) for hours in range(24 * 28)}
    assert len(found) in (4, 5)
    assert {due.astimezone(choice.zone).weekday() for due in found} == {6}
    assert {due.astimezone(choice.zone).hour for due in found} == {7}


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [(22, 7, {22, 23, *range(7)}), (9, 17, set(range(9, 17))), (None, None, set()), (0, 23, set(range(23)))],
)
def test_quiet_hours_may_span_midnight(begin, end, quiet):
    choice = choice_in("America/Sao_Paulo", quiet_from=begin, quiet_until=end)
    midnight = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert {hour for hour in range(24) if choice.is_quiet(midnight + timedelta(hours=hour))} == quiet
