"""What people say of themselves, and who sees it."""

from __future__ import annotations

import pytest

from app import web
from app.accounts.events import profile_changed
from app.accounts.queries import Author, find_person, person_named
from app.database import db, now
from app.forum.queries import PostRow, Tag, Tags
from tests.factories import make_moderator, make_person


def profile(**facts):
    return {
        "display_name": "Ama Owusu",
        "roles": ["teacher"],
        "topics": ["batteries"],
        "languages": ["en", "fr"],
        "country": "GH",
        "organisation": "Korle Hill School",
        "about": "I teach **science**.",
        "offers": "A lesson on batteries.",
        "links": "https://example.org/ama\n\n  http://example.org/b  ",
        **facts,
    }


def test_a_profile_is_kept_and_shown(client_for, client):
    ama = make_person(name="ama")
    answer = client_for(ama).post("/me", data=profile())
    assert (answer.status_code, answer.location) == (303, "/u/ama")
    page = client.get("/u/ama").text
    for shown in (
        "Ama Owusu",
        "Korle Hill School",
        "Ghana",
        "English, French",
        "Teacher",
        "Batteries",
        "<strong>science</strong>",
    ):
        assert shown in page
    assert '<a href="https://example.org/ama" rel="nofollow ugc noopener" dir="ltr">example.org/ama</a>' in page


def test_the_form_shows_what_was_said_last_time(client_for):
    ama = make_person(name="ama")
    browser = client_for(ama)
    browser.post("/me", data=profile(asks_a_week="3"))
    page = browser.get("/me").text
    assert "https://example.org/ama\nhttp://example.org/b</textarea>" in page
    assert 'value="teacher" checked' in page
    assert 'value="fr" checked' in page
    assert 'id="asks_a_week"' in page
    assert '<option selected value="GH">' in page


def test_being_asked_is_off_until_someone_agrees_and_says_how_often(client_for):
    ama = make_person(name="ama")
    browser = client_for(ama)
    assert "appear under People" in browser.get("/me").text
    browser.post("/me", data=profile())
    assert person_named("ama").may_be_asked is False
    browser.post("/me", data=profile(asks_a_week="10"))
    db.session.expire_all()
    assert (person_named("ama").may_be_asked, person_named("ama").asks_a_week) == (True, 10)
    browser.post("/me", data=profile(asks_a_week="0"))
    db.session.expire_all()
    assert person_named("ama").may_be_asked is False


def test_nobody_agrees_to_be_asked_as_often_as_they_like(client_for):
    answer = client_for(make_person(name="ama")).post("/me", data=profile(asks_a_week="7"))
    assert answer.status_code == 422
    assert person_named("ama").asks_a_week == 0


def test_a_change_is_announced(client_for):
    heard = []
    ama = make_person(name="ama")
    with profile_changed.connected_to(lambda person: heard.append(person.name)):
        client_for(ama).post("/me", data=profile())
    assert heard == ["ama"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"display_name": ""},
        {"display_name": "   "},
        {"display_name": "x" * 81},
        {"roles": ["emperor"]},
        {"topics": ["batteries", "education", "climate", "gender", "health", "finance", "children"]},
        {"languages": ["xx"]},
        {"country": "ZZ"},
        {"organisation": "x" * 121},
        {"about": "x" * 2001},
        {"offers": "x" * 1001},
    ],
)
def test_what_will_not_do_comes_back_as_typed(client_for, wrong):
    ama = make_person(name="ama", display_name="As it was")
    answer = client_for(ama).post("/me", data=profile(**wrong))
    assert answer.status_code == 422
    assert f'href="#{next(iter(wrong))}"' in answer.text
    assert "Korle Hill School" in answer.text or "organisation" in wrong
    assert person_named("ama").display_name == "As it was"


@pytest.mark.parametrize(
    "links",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "data:text/html,<script>",
        "ftp://example.org",
        "//example.org",
        "example.org",
        "https://",
        "https:///path",
        "http://[",
        "https://user:secret@example.org",
        "https://example.org/a b",
        'https://example.org/"onmouseover="x',
        "https://example.org/<script>",
        "https://example.org\\@evil.example",
        "https://example.org/" + "x" * 300,
        "\n".join(f"https://example.org/{number}" for number in range(6)),
    ],
)
def test_links_that_are_no_web_addresses_are_refused(client_for, links):
    ama = make_person(name="ama")
    answer = client_for(ama).post("/me", data=profile(links=links))
    assert answer.status_code == 422
    assert 'href="#links"' in answer.text
    assert person_named("ama").links == []


def test_languages_that_the_form_does_not_offer_stay(client_for):
    ama = make_person(name="ama", languages=["en", "ak"])
    assert 'value="ak" checked' in client_for(ama).get("/me").text
    client_for(ama).post("/me", data=profile(languages=["en", "ak"]))
    assert person_named("ama").languages == ["en", "ak"]


def test_nobody_gives_themselves_rights_through_the_profile(client_for):
    ama = make_person(name="ama")
    client_for(ama).post(
        "/me", data=profile(is_admin="y", is_moderator="y", kind="demo", name="admin", password_hash="x")
    )
    person = person_named("ama")
    assert (person.is_admin, person.is_moderator, person.kind, person.password_hash) == (False, False, "member", None)


def test_what_people_write_is_shown_as_text(client_for, client):
    ama = make_person(name="ama")
    script = '<script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"><svg onload=alert(1)>'
    client_for(ama).post(
        "/me", data=profile(display_name=script[:80], organisation=script, about=script, offers=script)
    )
    page = client.get("/u/ama").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<svg onload" not in page
    assert "{{7*7}}" in page
    assert ">49<" not in page


def test_names_stand_apart_from_the_text_around_them(client):
    make_person(name="ama", display_name="أمينة")
    assert "<bdi>أمينة</bdi>" in client.get("/u/ama").text


def test_only_the_person_is_offered_the_form(client, client_for):
    ama = make_person(name="ama")
    assert 'href="/me">' not in client.get("/u/ama").text
    assert "Edit profile" not in client_for(make_moderator()).get("/u/ama").text
    assert "Edit profile" in client_for(ama).get("/u/ama").text


def test_demo_people_are_marked(client):
    make_person(name="efua", kind="demo")
    page = client.get("/u/efua").text
    assert 'class="badge demo"' in page
    assert "An invented person" in page


def test_imported_people_are_marked_and_kept_from_search_engines(client):
    make_person(name="author", kind="imported", organisation="OpenIDEO")
    page = client.get("/u/author").text
    assert "Imported author of texts from OpenIDEO." in page
    assert '<meta name="robots" content="noindex">' in page


def test_a_name_in_capitals_leads_to_the_one_address(client):
    make_person(name="ama")
    answer = client.get("/u/AMA")
    assert (answer.status_code, answer.location) == (301, "/u/ama")


@pytest.mark.parametrize("name", ["nobody", "a%20b", "%25", "..", "x" * 3000, "%F0%9F%94%8B"])
def test_nobody_of_this_name_is_not_found(client, name):
    assert client.get(f"/u/{name}").status_code == 404


def test_higher_rooms_add_what_a_person_wrote(client, monkeypatch):
    ama = make_person(name="ama")
    author = Author(ama.id, "ama", "Ama", "member")
    tags = Tags(roles=[Tag("teacher", "Teacher & trainer")])
    row = PostRow(7, "idea", "Battery box", "At school", "fr", "GH", now(), now(), 1, 2, author, None, tags)
    added = [lambda context: {"posts": [row], "answers": [], "seen": context["person"].name}]
    monkeypatch.setitem(web._additions, "accounts/person.html", added)
    page = client.get("/u/ama").text
    assert '<a href="/ideas/7/battery-box" dir="auto" lang="fr">Battery box</a>' in page
    assert "Français" in page


def test_a_person_page_takes_at_most_eleven_queries(client_for, count_queries):
    make_person(name="ama", roles=["teacher", "student"], topics=["batteries"], offers="Lessons.")
    browser = client_for(make_person(name="kofi"))
    for path in ("/u/ama", "/me", "/welcome", "/me/sessions"):
        count_queries.clear()
        assert browser.get(path).status_code == 200
        assert len(count_queries) <= 11, (path, count_queries)


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_the_choice_of_colours_is_kept_for_a_year(client, theme):
    answer = client.post("/theme", data={"theme": theme, "next": "/people?page=1"})
    assert (answer.status_code, answer.location) == (303, "/people?page=1")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"theme={theme};")
    for part in ("Max-Age=31536000", "SameSite=Lax", "HttpOnly", "Path=/"):
        assert part in cookie
    assert f'data-theme="{theme}"' in client.get("/people").text


@pytest.mark.parametrize("theme", ["", "pink", "dark; x=y", '"><script>'])
def test_other_colours_are_refused(client, theme):
    assert client.post("/theme", data={"theme": theme}).status_code == 400


def test_a_made_up_theme_cookie_is_automatic(client):
    client.set_cookie("theme", "javascript")
    assert 'data-theme="auto"' in client.get("/people").text


def test_the_tabs_say_which_page_this_is(client_for):
    browser = client_for(make_person())
    assert '<a href="/me/password" aria-current="page">' in browser.get("/me/password").text


def test_a_short_name_is_found_however_it_is_typed(client):
    ama = make_person(name="ama")
    for typed in ("@ama", "Ama", " @AMA "):
        assert find_person(typed) == ama
    assert client.get("/u/@Ama").location == "/u/ama"
