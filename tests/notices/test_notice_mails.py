"""A notice comes by mail once, to whoever confirmed an address and wants it, with what they may see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.accounts.models import User
from app.database import db, now, transaction
from app.follows.commands import follow, mute, remove_search, save_search, unfollow
from app.forum.commands import follow as follow_post
from app.forum.commands import give_reason, post_comment, support
from app.forum.commands import unfollow as unfollow_post
from app.forum.models import Post
from app.groups.models import Membership
from app.jobs.commands import run_all_jobs
from app.jobs.models import Job
from app.journal.models import JournalEntry
from app.mail.models import Mail
from app.mail.tasks import deliver_due, forget
from app.notices.commands import choose_mail, mail_person, tell_of
from app.notices.mails import mail_choice, people_to_mail, rows_to_mail
from app.notices.models import KINDS, MailChoice, Notice
from app.notices.sentences import reason_sentence
from app.notices.tasks import mail_everybody
from app.search.queries import SearchFilters
from app.taxonomy.models import Topic
from tests.factories import make_answer, make_idea, make_person, make_private_group, make_question

CONFIRMED = datetime(2026, 1, 1, tzinfo=UTC)
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHOICE = {
    "modes": {},
    "is_off": False,
    "time_zone": "UTC",
    "quiet_from": None,
    "quiet_until": None,
    "digest_hour": 7,
    "digest_weekday": 0,
}


def make_reader(**facts):
    return make_person(**{"email": "ama@example.org", "email_confirmed_at": CONFIRMED} | facts)


def choose(person, **facts):
    choose_mail(person, by=person, **CHOICE | facts)


def work(moment=None):
    """What the worker does at this moment."""
    with time_machine.travel(moment or now(), tick=False):
        mail_everybody()
        deliver_due()
        run_all_jobs()
    db.session.rollback()


def mails():
    db.session.rollback()
    return db.session.scalars(select(Mail).order_by(Mail.id)).all()


def test_an_answer_is_mailed_at_once_with_everything_a_mail_needs(app, mail_server):
    question = make_question(by=make_reader(), title="Who collects phones in Aného?")
    make_answer(question, by=make_person(display_name="Kofi Mensah"), body="The depot at gate 4.")
    work()
    (message,) = mail_server.messages
    assert mail_server.recipients == ["ama@example.org"]
    assert message["Subject"] == "Kofi Mensah answered “Who collects phones in Aného?”"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<answers.127.0.0.1>"
    assert message["References"] == message["In-Reply-To"] == f"<post-{question.id}@127.0.0.1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<http://127\.0\.0\.1:8000/unsubscribe/[\w.-]+>", message["List-Unsubscribe"])
    for kind in ("plain", "html"):
        part = message.get_body((kind,)).get_content()
        assert "The depot at gate 4." in part
        assert f"http://127.0.0.1:8000/questions/{question.id}" in part
        assert "You get this because you asked this question." in part
        assert "/me/notices" in part
        assert message["List-Unsubscribe"].strip("<>") in part


def test_what_people_write_is_escaped_in_the_html_part(app, mail_server):
    question = make_question(by=make_reader(), title="Who <b>collects</b> phones & more?")
    make_answer(question, body="Look: <img src=x onerror=alert(1)> at gate 4.")
    work()
    html = mail_server.messages[0].get_body(("html",)).get_content()
    assert "Who &lt;b&gt;collects&lt;/b&gt; phones &amp; more?" in html
    assert "<img" not in html
    assert "Who <b>collects</b> phones & more?" in mail_server.messages[0]["Subject"]


def test_a_title_can_slip_no_header_in(app, mail_server):
    question = make_question(by=make_reader(), title="Phones\nBcc: kofi@example.org")
    make_answer(question)
    work()
    (message,) = mail_server.messages
    assert message["Bcc"] is None
    assert mail_server.recipients == ["ama@example.org"]


def test_all_mails_on_one_post_are_one_thread(app, mail_server):
    question = make_question(by=make_reader())
    make_answer(question)
    work()
    make_answer(question)
    work()
    assert len({message["References"] for message in mail_server.messages}) == 1
    assert len({message["Message-ID"] for message in mail_server.messages}) == 2


@pytest.mark.parametrize(
    "facts", [{"email": None}, {"email_confirmed_at": None}, {"kind": "demo"}, {"kind": "imported"}]
)
def test_nobody_is_mailed_at_an_address_that_is_not_confirmed(app, facts):
    make_answer(make_question(by=make_reader(**facts)))
    work()
    assert mails() == []


def test_nothing_is_mailed_twice(app, mail_server):
    make_answer(make_question(by=make_reader()))
    for hour in range(30):
        work(now() + timedelta(hours=hour))
    assert len(mail_server.messages) == 1


def test_nothing_is_mailed_twice_even_after_its_mail_is_forgotten(app, mail_server):
    with time_machine.travel(DAY, tick=False):
        make_answer(make_question(by=make_reader()))
        run_all_jobs()
    with time_machine.travel(DAY + timedelta(days=31), tick=False):
        forget()
    assert mails() == []
    work(DAY + timedelta(days=31))
    assert len(mail_server.messages) == 1


def test_what_was_read_in_the_app_is_not_mailed(app):
    reader = make_reader()
    choose(reader, quiet_from=0, quiet_until=23)
    with time_machine.travel(DAY, tick=False):
        make_answer(make_question(by=reader))
        run_all_jobs()
    assert mails() == []
    with transaction():
        db.session.execute(update(Notice).values(read_at=now()))
    work(DAY.replace(hour=23, minute=30))
    assert mails() == []


def test_what_is_hidden_before_it_is_sent_is_never_sent(app, mail_server):
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        question = make_question(by=make_reader())
        answer = make_answer(question)
        run_all_jobs()
    assert len(mails()) == 1
    with transaction():
        answer.hidden_at = DAY
    mail_server.start()
    work(DAY + timedelta(minutes=30))
    assert mail_server.messages == []
    assert mails() == []


def test_a_waiting_digest_is_written_anew_without_what_was_hidden(app, mail_server):
    reader = make_reader()
    choose(reader, modes={"answers": "daily"})
    with time_machine.travel(DAY, tick=False):
        question = make_question(by=reader)
        hidden = make_answer(question, body="Burn them.")
        make_answer(question, body="Bring them to gate 4.")
        run_all_jobs()
    mail_server.stop()
    work(DAY + timedelta(days=1))
    assert len(mails()) == 1
    with transaction():
        hidden.hidden_at = DAY
    mail_server.start()
    for minutes in (5, 20, 40):
        work(DAY + timedelta(days=1, minutes=minutes))
    (message,) = mail_server.messages
    assert "gate 4" in message.as_string()
    assert "Burn" not in message.as_string()


def test_words_that_are_taken_away_while_a_mail_waits_are_not_sent(app, mail_server):
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        answer = make_answer(make_question(by=make_reader()), body="Burn them.")
        run_all_jobs()
    with transaction():
        db.session.merge(answer).body = "Bring them to gate 4."
    mail_server.start()
    for minutes in (5, 20):
        work(DAY + timedelta(minutes=minutes))
    (message,) = mail_server.messages
    assert "gate 4" in message.as_string()
    assert "Burn" not in message.as_string()


def test_a_mail_at_once_that_is_written_anew_brings_no_second_digest_that_day(app, mail_server):
    reader = make_reader()
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        answer = make_answer(make_question(by=reader))
        run_all_jobs()
    with transaction():
        db.session.add(MailChoice.default(other := make_person().id))
        db.session.get_one(MailChoice, reader.id).digested_for = DAY
        db.session.get_one(MailChoice, other).digested_for = DAY
        answer.hidden_at = DAY
    mail_server.start()
    work(DAY + timedelta(minutes=30))
    assert mails() == []
    assert set(db.session.scalars(select(MailChoice.digested_for))) == {DAY}


@pytest.mark.parametrize("waits_as", ["notice", "mail"])
@pytest.mark.parametrize("change", ["unfollowed", "muted"])
def test_what_is_muted_or_followed_no_more_is_not_mailed(app, mail_server, waits_as, change):
    reader, author = make_reader(), make_person()
    choose(reader, modes={"followed": "daily", "comments": "daily"})
    idea = make_idea(by=make_person())
    follow_post(idea, by=reader)
    follow(author, by=reader)
    with time_machine.travel(DAY, tick=False):
        make_idea(by=author)
        post_comment(idea, by=author, body="Gate 4?")
        run_all_jobs()
    assert len(db.session.scalars(select(Notice).where(Notice.person_id == reader.id)).all()) == 2
    if waits_as == "mail":
        mail_server.stop()
        work(DAY + timedelta(days=1))
        assert len(mails()) == 1
        mail_server.start()
    if change == "muted":
        mute(author, by=reader)
    else:
        unfollow(author, by=reader)
        unfollow_post(idea, by=reader)
    for minutes in (5, 20):
        work(DAY + timedelta(days=1, minutes=minutes))
    assert mail_server.messages == []
    assert mails() == []


def test_who_mutes_a_topic_or_drops_a_search_gets_no_mail_of_what_it_brought(app):
    reader, topic = make_reader(), db.session.scalars(select(Topic)).first()
    choose(reader, modes={"followed": "daily"})
    search = save_search(by=reader, name="Gates", asked="gate", filters=SearchFilters(), is_told=True)
    follow(topic, by=reader)
    with time_machine.travel(DAY, tick=False):
        make_idea(by=make_person(), title="Phones", topics=[topic.id])
        make_idea(by=make_person(), title="A gate for phones")
        run_all_jobs()
    moment = DAY + timedelta(days=1)
    choice = mail_choice(reader.id)
    assert {row.reason for row in rows_to_mail(reader, choice, moment)} == {"follows_topic", "follows_search"}
    mute(topic, by=reader)
    assert {row.reason for row in rows_to_mail(reader, choice, moment)} == {"follows_search"}
    remove_search(search, by=reader)
    assert rows_to_mail(reader, choice, moment) == []


def test_a_search_that_is_renamed_keeps_what_it_brought(app):
    reader = make_reader()
    choose(reader, modes={"followed": "weekly"})
    kept = {"by": reader, "asked": "gate", "filters": SearchFilters(), "is_told": True}
    save_search(name="Gates", **kept)
    with time_machine.travel(DAY, tick=False):
        make_idea(by=make_person(), title="A gate for phones")
        run_all_jobs()
    save_search(name="Gates in Tema", **kept)
    (row,) = rows_to_mail(reader, mail_choice(reader.id), DAY + timedelta(days=7))
    assert "Gates in Tema" in reason_sentence(row)


def test_who_supports_an_idea_and_says_why_is_counted_once_in_a_mail(app):
    reader, kofi = make_reader(), make_person()
    choose(reader, modes={"thanks": "daily"})
    idea = make_idea(by=reader)
    with time_machine.travel(DAY, tick=False):
        support(idea, by=kofi)
        give_reason(idea, by=kofi, reason="It works here.")
        run_all_jobs()
    work(DAY + timedelta(days=1))
    (mail,) = mails()
    assert "says why they support" in mail.text
    assert "words of thanks" not in mail.text


def test_a_digest_costs_few_queries_however_much_it_tells(app, count_queries):
    def queries(posts):
        reader = make_reader(email=f"reader{posts}@example.org")
        choose(reader, modes={"answers": "daily"})
        with time_machine.travel(DAY, tick=False):
            for _ in range(posts):
                make_answer(make_question(by=reader))
            run_all_jobs()
        with time_machine.travel(DAY + timedelta(days=1), tick=False):
            count_queries.clear()
            mail_person(reader.id)
        return len(count_queries)

    few = queries(2)
    assert queries(6) == few


def test_only_what_is_mailed_at_once_makes_a_job(app):
    reader = make_reader()
    choose(reader, modes={"answers": "daily"})
    question = make_question(by=reader)
    entry = entry_of(make_answer(question))
    tell_of(entry)
    jobs = select(Job).where(Job.task == "notices.mail")
    assert db.session.scalars(jobs).all() == []
    choose(reader, modes={"answers": "at_once"})
    tell_of(entry_of(make_answer(question)))
    assert len(db.session.scalars(jobs).all()) == 1


@pytest.mark.parametrize("column", ["hidden_at", "deleted_at"])
def test_news_of_a_post_that_is_gone_are_not_mailed(app, column):
    reader = make_reader()
    choose(reader, modes={"answers": "daily"})
    with time_machine.travel(DAY, tick=False):
        question = make_question(by=make_person())
        answer = make_answer(question, by=reader)
        with transaction():
            db.session.add(
                Notice(
                    person_id=reader.id,
                    entry_id=entry_of(answer),
                    kind="answers",
                    reason="follows",
                    post_id=question.id,
                )
            )
            db.session.execute(update(Post).where(Post.id == question.id).values({column: DAY}))
    work(DAY + timedelta(days=1))
    assert mails() == []


def entry_of(answer):
    return db.session.scalar(select(JournalEntry.id).where(JournalEntry.answer_id == answer.id))


def test_whoever_has_left_a_private_group_gets_no_more_mail_of_it(app):
    reader, other = make_reader(), make_person()
    group = make_private_group(reader, other)
    choose(reader, modes={"answers": "daily"})
    with time_machine.travel(DAY, tick=False):
        make_answer(make_question(by=reader, group=group), by=other)
        run_all_jobs()
    with transaction():
        db.session.delete(
            db.session.scalar(
                select(Membership).where(Membership.user_id == reader.id, Membership.group_id == group.id)
            )
        )
    work(DAY + timedelta(days=1))
    assert mails() == []


def test_members_of_a_private_group_do_get_theirs(app, mail_server):
    reader, other = make_reader(), make_person()
    group = make_private_group(reader, other)
    make_answer(make_question(by=reader, group=group), by=other)
    work()
    assert len(mail_server.messages) == 1


def test_in_quiet_hours_mails_wait_until_they_end(app, mail_server):
    reader = make_reader()
    choose(reader, time_zone="Asia/Kolkata", quiet_from=22, quiet_until=7)
    night = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # half past one in India
    with time_machine.travel(night, tick=False):
        make_answer(make_question(by=reader))
        run_all_jobs()
    work(night + timedelta(hours=5))
    assert mail_server.messages == []
    work(datetime(2026, 3, 3, 1, 31, tzinfo=UTC))
    assert len(mail_server.messages) == 1


def test_what_waited_for_a_quiet_night_comes_as_one_mail_if_it_is_much(app, mail_server):
    reader = make_reader()
    choose(reader, quiet_from=0, quiet_until=8)
    with time_machine.travel(DAY.replace(hour=2), tick=False):
        for _ in range(5):
            make_answer(make_question(by=reader))
        run_all_jobs()
    work(DAY)
    (message,) = mail_server.messages
    assert message["Subject"].endswith("and 4 more")
    assert message["References"] is None
    assert message["List-Id"] == "<answers.127.0.0.1>"


def test_who_wants_no_mail_gets_none(app):
    reader = make_reader()
    choose(reader, is_off=True)
    make_answer(make_question(by=reader))
    for day in range(8):
        work(now() + timedelta(days=day))
    assert mails() == []


def test_an_address_that_was_changed_gets_no_mail_that_waited_for_the_old_one(app, mail_server):
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        reader = make_reader()
        make_answer(make_question(by=reader))
        run_all_jobs()
    with transaction():
        db.session.execute(update(User).where(User.id == reader.id).values(email="ama@work.example"))
    mail_server.start()
    for minutes in (10, 30):
        work(DAY + timedelta(minutes=minutes))
    assert mail_server.recipients == ["ama@work.example"]


def test_looking_for_people_to_mail_costs_two_queries(app, count_queries):
    for number in range(4):
        reader = make_reader(email=f"ama-{number}@example.org")
        choose(reader, modes={"answers": "daily"})
        make_answer(make_question(by=reader))
    run_all_jobs()
    count_queries.clear()
    assert len(people_to_mail(now() + timedelta(days=1))) == 4
    assert len([each for each in count_queries if each.startswith("SELECT")]) == 2


def test_a_choice_is_made_for_whoever_is_mailed_first(app):
    reader = make_reader()
    make_answer(make_question(by=reader))
    work()
    mail_person(reader.id)
    assert db.session.scalars(select(MailChoice.person_id)).all() == [reader.id]
    assert len(mails()) == 1


def test_every_kind_has_a_default(app):
    assert {kind: MailChoice.default(1).mode_of(kind) for kind in KINDS} == {
        "answers": "at_once",
        "comments": "daily",
        "mentions": "at_once",
        "changes": "daily",
        "collaboration": "at_once",
        "asks": "at_once",
        "followed": "weekly",
        "thanks": "off",
        "moderation": "at_once",
    }


def test_an_idea_of_someone_followed_waits_for_the_weekly_digest(app, mail_server):
    reader, author = make_reader(), make_person()
    follow(author, by=reader)
    with time_machine.travel(DAY, tick=False):
        make_idea(by=author)
        run_all_jobs()
    work(DAY + timedelta(days=6))
    assert mail_server.messages == []
    work(DAY + timedelta(days=7))
    assert mail_server.messages[0]["List-Id"] == "<digest.127.0.0.1>"
