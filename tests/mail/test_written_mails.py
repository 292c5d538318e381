"""In development, mails become files that a page shows."""

from __future__ import annotations

from app.mail.commands import Letter, queue_mail

ATTACK = "<script>alert(1)</script>"


def write(**facts):
    said = {name: facts.pop(name) for name in ("subject", "text", "html") if name in facts}
    letter = Letter(**{"subject": f"Phones {ATTACK}", "text": f"Gate 4 {ATTACK}\n"} | said)
    return queue_mail(letter, to="ama@example.org", purpose="test", **facts).id


def test_a_mail_becomes_a_file_and_is_listed(app, client, run_jobs):
    assert "No mail yet" in client.get("/dev/mail").text
    number = write()
    run_jobs()
    assert (app.config["COMMONS"].instance_dir / "mails" / f"{number}.eml").exists()
    page = client.get("/dev/mail").text
    assert f'href="/dev/mail/{number}"' in page
    assert "ama@example.org" in page
    assert ATTACK not in page


def test_the_newest_stands_first(client, run_jobs):
    first, second = write(subject="First"), write(subject="Second")
    run_jobs()
    page = client.get("/dev/mail").text
    assert page.index(f"/dev/mail/{second}") < page.index(f"/dev/mail/{first}")


def test_one_mail_shows_its_headers_and_both_parts_as_they_are_written(client, run_jobs):
    number = write(html=f"<p>Gate 4</p>{ATTACK}", headers={"List-Id": "answers <answers.commons.example>"})
    run_jobs()
    page = client.get(f"/dev/mail/{number}")
    assert "answers.commons.example" in page.text
    assert "auto-generated" in page.text
    assert "&lt;p&gt;Gate 4&lt;/p&gt;" in page.text
    assert ATTACK not in page.text


def test_its_html_can_neither_run_nor_load_anything(client, run_jobs):
    number = write(html=f"<p>Gate 4</p>{ATTACK}")
    run_jobs()
    answer = client.get(f"/dev/mail/{number}/html")
    assert "<p>Gate 4</p>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'")


def test_a_mail_that_is_not_there_is_not_found(client):
    assert client.get("/dev/mail/7").status_code == 404
    assert client.get("/dev/mail/7/html").status_code == 404
