"""A mail is written with its reason and arrives once, however long the server is away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app import create_app
from app.database import db, now, transaction
from app.jobs.commands import run_all_jobs
from app.jobs.models import Job
from app.mail.commands import ATTEMPTS, Letter, queue_mail
from app.mail.models import Mail
from app.mail.queries import due_mails, mail_counts, outage
from app.mail.tasks import deliver_due, forget
from app.settings import Settings
from tests.mail_server import MailServer

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def write(**facts):
    said = {name: facts.pop(name) for name in ("subject", "text", "html") if name in facts}
    letter = Letter(**{"subject": "An answer", "text": "Gate 4 takes them.\n"} | said)
    return queue_mail(letter, **{"purpose": "test", "to": "ama@example.org"} | facts).id


def mail_of(number):
    db.session.rollback()
    return db.session.get_one(Mail, number, populate_existing=True)


def work(moment):
    """What the worker does at this moment."""
    with time_machine.travel(moment, tick=False):
        deliver_due()
        forget()
        run_all_jobs()


def test_a_mail_arrives_with_both_parts_and_its_headers(app, mail_server, run_jobs):
    number = write(
        subject="Réponse à « Qui collecte ? »",
        html="<p>Gate 4 takes them. ✓</p>",
        headers={"List-Id": "answers <answers.commons.example>", "In-Reply-To": "<post-7@commons.example>"},
    )
    run_jobs()
    (message,) = mail_server.messages
    assert mail_server.recipients == ["ama@example.org"]
    assert message["Subject"] == "Réponse à « Qui collecte ? »"
    assert message["From"] == "E-waste Challenge Commons <commons@127.0.0.1>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] == "<post-7@commons.example>"
    assert message["Message-ID"].startswith(f"<mail-{number}-")
    assert message["Date"].datetime == mail_of(number).created_at.replace(microsecond=0)
    assert message.get_content_type() == "multipart/alternative"
    assert "Gate 4" in message.get_body(("plain",)).get_content()
    assert "✓" in message.get_body(("html",)).get_content()
    assert mail_of(number).sent_at is not None


def test_a_mail_whose_reason_fails_was_never_there(app, mail_server, run_jobs):
    def write_and_fail():
        with transaction():
            write()
            raise ValueError("the write failed")

    with pytest.raises(ValueError, match="the write failed"):
        write_and_fail()
    run_jobs()
    assert mail_server.messages == []
    assert db.session.scalars(select(Mail)).all() == []


def test_no_header_can_be_slipped_in(app, mail_server, run_jobs):
    write(subject="Phones\r\nBcc: kofi@example.org\n\nSpam")
    with pytest.raises(ValueError, match="linefeed"):
        write(headers={"In-Reply-To": "<a@b>\r\nBcc: kofi@example.org"})
    with pytest.raises(ValueError, match="CR or LF"):
        write(to="ama@example.org\r\nBcc: kofi@example.org")
    run_jobs()
    (message,) = mail_server.messages
    assert message["Subject"] == "Phones Bcc: kofi@example.org Spam"
    assert message["Bcc"] is None
    assert mail_server.recipients == ["ama@example.org"]


def test_an_address_with_letters_of_its_own_is_written_as_servers_do(app, mail_server, run_jobs):
    write(to="ama@bücher.example")
    run_jobs()
    assert mail_server.recipients == ["ama@xn--bcher-kva.example"]


def test_a_server_that_is_away_for_an_hour_loses_nothing(app, mail_server):
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        early = [write(to=f"early-{number}@example.org") for number in range(3)]
    for minute in range(0, 60, 5):
        work(DAY + timedelta(minutes=minute))
    with time_machine.travel(DAY + timedelta(minutes=58), tick=False):
        write(to="late@example.org")
    assert mail_counts()["waiting"] == 4
    assert mail_of(early[0]).error
    mail_server.start()
    for minute in range(60, 200, 5):
        work(DAY + timedelta(minutes=minute))
    addresses = ["early-0@example.org", "early-1@example.org", "early-2@example.org", "late@example.org"]
    assert sorted(mail_server.recipients) == addresses
    assert len({message["Message-ID"] for message in mail_server.messages}) == 4
    assert mail_counts() == {"waiting": 0, "overdue": 0, "failed": 0}


@pytest.mark.parametrize("answer", ["421 4.7.0 too many from you to this box", None])
def test_one_mail_over_which_the_server_hangs_up_each_time_is_given_up(app, mail_server, answer):
    async def handle(server, session, envelope, address, options):
        if not address.startswith("poison"):
            return await taken(server, session, envelope, address, options)
        if answer is None:
            server.transport.close()
        return answer or "250 OK"

    taken, mail_server.handle_RCPT = mail_server.handle_RCPT, handle
    with time_machine.travel(DAY, tick=False):
        poison = write(to="poison@example.org")
    for hour in range(0, 5 * 24, 3):
        with time_machine.travel(DAY + timedelta(hours=hour), tick=False):
            write(to="kofi@example.org")
        work(DAY + timedelta(hours=hour))
        work(DAY + timedelta(hours=hour, minutes=5))
    assert mail_of(poison).failed_at is not None
    assert len(mail_server.messages) == 5 * 24 / 3


def test_a_server_that_is_away_is_asked_for_one_mail_not_for_all(app, mail_server):
    mail_server.stop()
    with time_machine.travel(DAY, tick=False):
        numbers = [write() for _ in range(5)]
        run_all_jobs()
    tried = [number for number in numbers if mail_of(number).error]
    assert tried == numbers[:1]
    assert mail_of(tried[0]).next_attempt_at == DAY + timedelta(minutes=1)
    assert [mail_of(number).attempts for number in numbers] == [0] * 5
    assert db.session.scalars(select(Job).where(Job.task == "mail.deliver")).all() == []


def test_while_the_server_is_away_new_mails_wait_without_asking_it(app, mail_server):
    mail_server.answer_to_senders = "550 sign in first"
    with time_machine.travel(DAY, tick=False):
        write()
        run_all_jobs()
    with time_machine.travel(DAY + timedelta(seconds=30), tick=False):
        write(to="kofi@example.org")
        run_all_jobs()
    assert mail_server.asked == 1
    work(DAY + timedelta(minutes=1))
    assert mail_server.asked == 2


def test_a_server_that_comes_back_gets_all_within_a_quarter_of_an_hour(app, mail_server):
    mail_server.answer_to_senders = "550 who are you"
    with time_machine.travel(DAY, tick=False):
        for number in range(3):
            write(to=f"early-{number}@example.org")
    for minute in range(0, 12 * 60, 5):
        work(DAY + timedelta(minutes=minute))
    assert mail_server.asked < 60
    assert mail_counts() == {"waiting": 3, "overdue": 3, "failed": 0}
    mail_server.answer_to_senders = "250 OK"
    with time_machine.travel(DAY + timedelta(hours=12), tick=False):
        write(to="late@example.org")
    for minute in range(16):
        work(DAY + timedelta(hours=12, minutes=minute))
    addresses = ["early-0@example.org", "early-1@example.org", "early-2@example.org", "late@example.org"]
    assert sorted(mail_server.recipients) == addresses
    assert outage() is None


def test_a_refused_sender_ends_no_mail_and_the_operator_sees_why(app, mail_server, run_jobs):
    mail_server.answer_to_senders = "550 no mail from this host"
    number = write()
    run_jobs()
    assert mail_of(number).failed_at is None
    assert "550 no mail from this host" in app.test_cli_runner().invoke(args=["mail", "status"]).output


def test_a_mail_that_is_too_large_stands_in_nobodys_way(app, mail_server, run_jobs):
    mail_server.answer_to_senders = "552 too large"
    number = write()
    run_jobs()
    assert mail_of(number).failed_at is not None
    assert outage() is None


def test_what_is_put_off_arrives_later(app, mail_server):
    mail_server.answer_to_recipients = "450 greylisted, come back"
    with time_machine.travel(DAY, tick=False):
        number = write()
        other = write(to="kofi@example.org")
    work(DAY)
    assert mail_of(number).error == "450 greylisted, come back"
    mail_server.answer_to_recipients = "250 OK"
    work(DAY + timedelta(seconds=30))
    assert mail_server.messages == []
    work(DAY + timedelta(minutes=2))
    assert sorted(mail_server.recipients) == ["ama@example.org", "kofi@example.org"]
    assert mail_of(other).error == ""


def test_after_three_days_it_is_given_up(app, mail_server):
    mail_server.answer_to_texts = "451 later"
    with time_machine.travel(DAY, tick=False):
        number = write()
    moment, tries = DAY, []
    while mail_of(number).failed_at is None and len(tries) <= ATTEMPTS:
        work(moment)
        tries.append(moment)
        moment = mail_of(number).next_attempt_at
    assert len(tries) == ATTEMPTS
    assert timedelta(days=2, hours=12) < tries[-1] - DAY < timedelta(days=3, hours=12)
    work(moment + timedelta(days=1))
    assert mail_server.messages == []


@pytest.mark.parametrize("where", ["answer_to_recipients", "answer_to_texts"])
def test_what_is_refused_for_good_is_not_tried_again(app, mail_server, run_jobs, where):
    setattr(mail_server, where, "550 no such mailbox")
    number = write()
    run_jobs()
    mail = mail_of(number)
    assert (mail.error, mail.sent_at) == ("550 no such mailbox", None)
    assert mail.failed_at is not None
    setattr(mail_server, where, "250 OK")
    work(now() + timedelta(days=1))
    assert mail_server.messages == []
    assert mail_counts()["failed"] == 1


def test_a_server_that_does_not_know_us_keeps_all_mails_waiting(app, mail_server, run_jobs):
    mail_server.answer_to_recipients = "530 sign in first"
    number = write()
    run_jobs()
    assert mail_of(number).failed_at is None
    assert mail_counts()["waiting"] == 1


def test_the_operator_sees_what_was_given_up_and_tries_again(app, mail_server, run_jobs):
    mail_server.answer_to_recipients = "550 no such mailbox"
    write()
    run_jobs()
    shown = app.test_cli_runner().invoke(args=["mail", "status"]).output
    assert "1 failed" in shown
    assert "ama@example.org: 550 no such mailbox" in shown
    mail_server.answer_to_recipients = "250 OK"
    assert "1 mails" in app.test_cli_runner().invoke(args=["mail", "retry"]).output
    work(now() + timedelta(minutes=1))
    assert mail_server.recipients == ["ama@example.org"]


def test_the_operator_sends_a_test(app, mail_server):
    assert app.test_cli_runner().invoke(args=["mail", "test", "ops@example.org"]).output == "Sent.\n"
    assert mail_server.recipients == ["ops@example.org"]


def test_a_test_says_what_the_server_said_also_while_it_is_not_asked(app, mail_server):
    mail_server.answer_to_senders = "550 who are you"
    for _ in range(2):
        said = app.test_cli_runner().invoke(args=["mail", "test", "ops@example.org"]).output
        assert said == "Not sent: 550 who are you\n"


def test_a_test_is_refused_where_no_mail_can_leave(app, monkeypatch):
    production = {"environment": "production", "secret_key": "x" * 40, "base_url": "https://commons.example"}
    monkeypatch.setitem(app.config, "COMMONS", replace(app.config["COMMONS"], **production))
    outcome = app.test_cli_runner().invoke(args=["mail", "test", "ops@example.org"])
    assert outcome.exit_code == 1
    assert "SMTP_URL is not set" in outcome.output
    assert db.session.scalars(select(Mail)).all() == []


def test_two_workers_do_not_send_one_mail_twice(app, mail_server, run_jobs):
    number = write()
    with transaction():
        db.session.execute(update(Mail).values(next_attempt_at=now() + timedelta(minutes=5)))  # the other one has it
    run_jobs()
    assert mail_server.messages == []
    assert mail_of(number).attempts == 0


def test_a_mail_of_a_worker_that_was_killed_arrives_again_at_most_once(app, mail_server, database_url, tmp_path):
    numbers = [write(to=f"person-{number}@example.org") for number in range(30)]
    environment = os.environ | {
        "DATABASE_URL": database_url.replace("+psycopg", ""),
        "INSTANCE_DIR": str(tmp_path),
        "ENCODERS": "basic",
        "SMTP_URL": mail_server.url,
    }
    kills = 2
    for _ in range(kills):
        before = len(mail_server.messages)
        worker = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "worker"], env=environment, stderr=subprocess.DEVNULL
        )
        give_up = time.monotonic() + 30
        while len(mail_server.messages) < before + 4 and time.monotonic() < give_up:
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert len(mail_server.messages) < len(numbers)
    work(now() + timedelta(minutes=6))
    assert set(mail_server.recipients) == {f"person-{number}@example.org" for number in range(30)}
    assert len(mail_server.messages) <= len(numbers) + kills
    assert mail_counts()["waiting"] == 0


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_password_is_given_to_the_server_and_never_logged(app, run_jobs):
    server = MailServer(auth_require_tls=False, auth_required=True)
    server.options["authenticator"] = server.authenticate
    before = app.config["COMMONS"]
    app.config["COMMONS"] = replace(before, smtp_url=f"smtp://ama:se%2Fcret@127.0.0.1:{server.port}")
    try:
        server.start()
        write()
        run_jobs()
        server.stop()
        write()
        with capture_logs() as logged:
            run_jobs()
    finally:
        app.config["COMMONS"] = before
        server.stop()
    assert server.signed_in == [("ama", "se/cret")]
    assert len(server.messages) == 1
    assert "mail put off" in str(logged)
    assert "cret" not in str(logged)


def test_in_production_no_mail_leaves_unencrypted(app, run_jobs, monkeypatch):
    server = MailServer()
    before = app.config["COMMONS"]
    monkeypatch.setattr("app.settings.MailServer.is_on_this_machine", False)
    production = {"environment": "production", "secret_key": "x" * 40, "base_url": "https://commons.example"}
    app.config["COMMONS"] = replace(before, smtp_url=server.url, **production)
    try:
        server.start()
        number = write()
        run_jobs()
    finally:
        app.config["COMMONS"] = before
        server.stop()
    assert server.messages == []
    assert "STARTTLS" in mail_of(number).error


def test_a_mail_is_forgotten_a_month_after_it_was_sent(app, mail_server):
    with time_machine.travel(DAY, tick=False):
        number = write(html="<p>Gate 4</p>")
        run_all_jobs()
    work(DAY + timedelta(days=29))
    assert mail_of(number).text
    work(DAY + timedelta(days=31))
    assert db.session.scalars(select(Mail)).all() == []


def test_what_was_given_up_keeps_its_reason_for_a_season_and_is_never_sent_empty(app, mail_server):
    mail_server.answer_to_recipients = "550 no such mailbox"
    with time_machine.travel(DAY, tick=False):
        number = write(html="<p>Gate 4</p>")
        run_all_jobs()
    work(DAY + timedelta(days=31))
    mail = mail_of(number)
    assert (mail.subject, mail.text, mail.html, mail.headers) == ("", "", "", {})
    assert mail.error == "550 no such mailbox"
    mail_server.answer_to_recipients = "250 OK"
    assert "0 mails" in app.test_cli_runner().invoke(args=["mail", "retry"]).output
    work(DAY + timedelta(days=32))
    assert mail_server.messages == []
    work(DAY + timedelta(days=91))
    assert db.session.scalars(select(Mail)).all() == []


def test_counting_mails_reads_none_that_was_sent(app, count_queries):
    count_queries.clear()
    mail_counts()
    assert "sent_at IS NULL" in count_queries[-1].rpartition("WHERE")[2]


def test_in_production_mails_wait_for_a_server_to_be_named(app, client, run_jobs):
    before = app.config["COMMONS"]
    production = {"environment": "production", "secret_key": "x" * 40, "base_url": "https://commons.example"}
    app.config["COMMONS"] = replace(before, **production)
    server = MailServer()
    try:
        number = write()
        run_jobs()
        assert mail_of(number).sent_at is None
        deliver_due()
        assert db.session.scalars(select(Job).where(Job.task == "mail.deliver")).all() == []
        assert client.get("/readyz").json["mail"] == {"leaves": False, "waiting": 1, "overdue": 0, "failed": 0}
        app.config["COMMONS"] = replace(app.config["COMMONS"], smtp_url=server.url)
        server.start()
        work(now() + timedelta(minutes=1))
    finally:
        app.config["COMMONS"] = before
        server.stop()
    assert server.recipients == ["ama@example.org"]
    assert not (app.config["COMMONS"].instance_dir / "mails").exists()


def test_what_waits_is_tried_by_and_by_oldest_first(app, monkeypatch):
    monkeypatch.setattr("app.mail.queries.MOST_TRIED", 2)
    numbers = [write() for _ in range(3)]
    assert due_mails() == numbers[:2]


def test_production_has_no_page_of_mails(tmp_path):
    facts = {"environment": "production", "secret_key": "x" * 40, "base_url": "https://commons.example"}
    app = create_app(Settings(instance_dir=tmp_path, encoders="basic", worker="off", **facts))
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")]
