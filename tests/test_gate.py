"""What no page could make sense of is refused with 400, 404, 413 or 414, and never answered with a fault."""

from __future__ import annotations

import io
import json
from itertools import zip_longest

import pytest
from flask.testing import FlaskClient

from app.accounts.queries import person_named
from app.database import db
from app.forms import clean
from tests.factories import make_person

READING = ("/", "/ideas", "/questions", "/search", "/people", "/resources", "/sign-in", "/register", "/u/x", "/nothing")
WRITING = ("/sign-in", "/register", "/theme", "/me", "/nothing")
REFUSED = (400, 404, 413, 414)
NAUGHTY = [
    *(
        "\x01\x02\x03",
        "\x07bell\x08",
        "\x1b[31mred\x1b[0m",
        "\x7f\x80\x9f",
        "tab\tand\x0bvertical\x0cfeed",
        "\r\n\r\nInjected: 1",
    ),
    *(
        "\u202eright to left\u202c",
        "\u2066isolated\u2069",
        "\u200b\u200c\u200d\ufeff",
        "\u2028\u2029",
        "\u00a0\u3000",
        "\ufffe\uffff",
    ),
    *("🔋📱♻️", "👩🏿‍🔬👨‍👩‍👧‍👦", "🇬🇭🇪🇸", "\U0010ffff", "ﷺ", "Z̸̢͎͝a̷͓̓l̶̰̈g̵̙̅o̴̜̓", "é e\u0301", "İıſß", "ǅ", "①½²"),
    *("مرحبا بالعالم", "שלום", "你好，世界", "こんにちは", "안녕", "สวัสดี", "नमस्ते", "Здравствуйте", "ሰላም", "ﬁ"),
    *(
        "' OR '1'='1",
        '"; DROP TABLE user;--',
        "1; SELECT pg_sleep(5)",
        "\\'; --",
        "%' AND 1=1 --",
        "%_%",
        "\\",
        "'",
        '"',
        "`",
    ),
    *(
        '"unclosed',
        "a AND",
        "OR OR",
        "NEAR(",
        "NEAR(a b, 5)",
        "title:x",
        "-a",
        "a*",
        "*",
        "^a",
        "(",
        ")",
        "a:b:c",
        "{a b}",
        "a + b",
    ),
    *(
        "a & | ! <-> b",
        ":*",
        "<->",
        "!!",
        "&&&",
        "a\\:b",
        "{{7*7}}",
        "{% raw %}",
        "${7*7}",
        "#{7*7}",
        "%(x)s",
        "%s%n",
        "{0}",
        "$&",
    ),
    *(
        "<script>alert(1)</script>",
        "</textarea><svg onload=alert(1)>",
        "javascript:alert(1)",
        "&lt;&#0;&#xd800;",
        "<!--",
        "]]>",
    ),
    *(
        "../../../etc/passwd",
        "C:\\CON",
        "file:///etc/passwd",
        "http://[",
        "http://a:b@c",
        "//x",
        "=1+1",
        "@SUM(A1)",
        "|ls",
        "$(ls)",
        "`ls`",
    ),
    *(
        "null",
        "None",
        "undefined",
        "NaN",
        "Infinity",
        "true",
        "-1",
        "0",
        "1e309",
        "0x10",
        "1_000",
        "٣",
        "9" * 400,
        "-0.0",
        "00",
    ),
    *(
        " ",
        "a" * 3000,
        "😀" * 300,
        "a\u0300" * 900,
        " ".join("word" for _ in range(600)),
        "[" * 500,
        ">" * 500,
        "*" * 999,
        "![" * 500,
    ),
]


WRONG_BYTES = ["%00", "a%00b", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%e2%28%a1", "%80"]
NO_NUMBERS = [
    0,
    2**31 - 1,
    2**31,
    2**32,
    2**63,
    2**64,
    "9" * 20,
    "9" * 3900,
    "-1",
    "1.5",
    "٣",
    "x",
    "0x1",
    "1e3",
    "%00",
]
NO_PAGES = ["0", "-1", "abc", "401", "9999", "1.5", "", "٣", "9" * 3900, "1e3", " 1", "+1", "%00", "2147483648"]
NO_OBJECTS = [
    *(b"{", b"[]", b'"text"', b"1", b"null", b"true", b"nan", b"{'a': 1}", b"\x00", b"{" * 1000, b"[" * 100_000),
    *(b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": [{"b": "\\u0000"}]}', b'{"a": "\xff"}', b'{"a": "\xed\xa0\x80"}'),
    *(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", '{"a": "x"}'.encode("utf-16")),
]
URLENCODED, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"
TWO_MEGABYTES = b"x" * 2 * 1024 * 1024


def others(answers: dict[str, int], *expected: int) -> dict[str, int]:
    """The answers that are none of those expected."""
    return {what[:80]: status for what, status in answers.items() if status not in expected}


@pytest.mark.parametrize("path", READING)
def test_naughty_filters_are_answered(client, path):
    names = ["q", "role", "topic", "sort", "stage", "country", "language", "next", "type"]
    answers = {}
    for first in range(len(NAUGHTY)):  # each text stands in each of the names once
        texts = [NAUGHTY[(first + place) % len(NAUGHTY)] for place in range(len(names))]
        answers[f"q={texts[0]}"] = client.get(path, query_string=dict(zip(names, texts, strict=True))).status_code
    assert others(answers, 200, 303, *REFUSED) == {}


@pytest.mark.parametrize("path", WRITING)
def test_naughty_forms_are_answered(client, path):
    answers = {}
    for text in NAUGHTY:
        names = ["name", "display_name", "email", "password", "next", "theme", "csrf_token", text]
        answers[text] = client.post(path, data=dict.fromkeys(names, text)).status_code
    assert others(answers, 303, 401, 422, *REFUSED) == {}


def test_naughty_texts_are_kept_as_written(client_for):
    ama = make_person(name="ama")
    browser = client_for(ama)
    texts = [text for text in NAUGHTY if len(text) <= 1000]
    for about, offers in zip_longest(texts[::2], texts[1::2], fillvalue=""):
        sent = {
            "display_name": "Ama",
            "organisation": clean(about)[:100],
            "about": about,
            "offers": offers,
            "languages": ["en"],
        }
        assert browser.post("/me", data=sent).status_code == 303, sent
        db.session.expire_all()
        person = person_named("ama")
        assert (person.about, person.offers) == (clean(about), clean(offers)), sent
        assert client_status(browser, "/u/ama", "/me") == [200, 200], sent


def test_naughty_headers_and_cookies_are_answered(client):
    names = ["HX-Request", "HX-Target", "HX-Current-URL", "Accept-Language", "Referer", "User-Agent", "X-Forwarded-For"]
    answers = {}
    for text in NAUGHTY:
        value = text.encode().decode("latin-1").replace("\r", "").replace("\n", "")
        cookies = f"lang={value}; theme={value}; commons={value}; {value}"
        headers = {**dict.fromkeys(names, value), "Cookie": cookies, "If-None-Match": value}
        for path in ("/sign-in", "/people", "/nothing", "/me", "/static/favicon.svg"):
            answers[f"{path} {text}"] = client.get(path, headers=headers).status_code
        answers[f"POST {text}"] = client.post("/me", headers=headers).status_code
    assert others(answers, 200, 204, 303, 304, *REFUSED) == {}


@pytest.mark.parametrize("path", READING)
def test_wrong_bytes_in_an_address_are_refused(client, path):
    queries = [*(f"q={raw}" for raw in WRONG_BYTES), *(f"{raw}=1" for raw in WRONG_BYTES)]
    assert others({query: client.get(f"{path}?{query}").status_code for query in queries}, 400) == {}


@pytest.mark.parametrize("folder", ["/", "/u/", "/static/", "/ideas/", "/nothing/"])
def test_wrong_bytes_in_a_path_are_refused(client, folder):
    endings = [*WRONG_BYTES, "..%2f..%2fsettings.py", "%2e%2e/%2e%2e/settings.py", "..%5c..%5csettings.py"]
    assert others({ending: client.get(folder + ending).status_code for ending in endings}, 400, 404) == {}


@pytest.mark.parametrize("path", WRITING)
def test_wrong_bytes_in_a_form_are_refused(client, path):
    raws = [*map(str.encode, WRONG_BYTES), b"\x00", b"\xff", b"\xed\xa0\x80"]
    bodies = [*(b"name=" + raw for raw in raws), *(raw + b"=1" for raw in raws)]
    answers = {repr(body): client.post(path, data=body, content_type=URLENCODED).status_code for body in bodies}
    assert others(answers, 400) == {}


def test_broken_multipart_forms_are_answered(client):
    field = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
    values = [b"\x00", b"\xed\xa0\x80", b"\xff", b"a"]
    bodies = [
        b"",
        b"--x",
        b"--x\r\n\r\n\r\n--x--",
        b"--y\r\n",
        *(field % (b"name", raw) for raw in values),
        *(field % (raw, b"1") for raw in values),
    ]
    kinds = [MULTIPART, "multipart/form-data", "multipart/form-data; boundary=" + "x" * 500, "multipart/\xff"]
    answers = {
        f"{kind} {body!r}": client.post("/sign-in", data=body, content_type=kind).status_code
        for kind in kinds
        for body in bodies
    }
    assert others(answers, 400, 413, 422) == {}


@pytest.mark.parametrize(
    "route",
    [
        "/ideas/{}",
        "/questions/{}",
        "/ideas/{}/revisions",
        "/ideas/{}/x",
        "/course/modules/{}",
        "/course/nuggets/{}",
        "/resources/{}",
    ],
)
def test_numbers_that_nothing_can_have_are_not_found(client, route):
    answers = {str(number): client.get(route.format(number)).status_code for number in NO_NUMBERS}
    assert others(answers, 400, 404) == {}


def test_numbers_of_many_thousand_digits_are_not_found(client):
    assert client.get(f"/ideas/{'9' * 100_000}").status_code in (404, 414)


@pytest.mark.parametrize("path", ["/ideas?", "/questions?", "/people?", "/resources?", "/search?q=phone&"])
def test_pages_that_a_list_cannot_have_are_not_found(client, path):
    answers = {page: client.get(f"{path}page={page}").status_code for page in NO_PAGES}
    assert others(answers, 400, 404) == {}


@pytest.mark.parametrize("lang", ["zz", "zz_ZZ", "../../etc/passwd", "en-US-x", "EN", "", "x" * 2000, "en\n", "de"])
def test_locales_that_are_not_offered_are_refused(client, lang):
    assert client.get("/sign-in", query_string={"lang": lang}).status_code == 400


def test_a_cookie_with_an_unknown_locale_is_passed_over(client):
    client.set_cookie("lang", "zz_ZZ")
    assert '<html lang="en"' in client.get("/sign-in").text


def test_an_offered_locale_is_used(client):
    assert '<html lang="ar" dir="rtl"' in client.get("/sign-in?lang=ar").text


@pytest.mark.parametrize(
    "language", ["", "*", "zz", "en;q=zz", "en;q=99999999999", ";;;", ",,,", "ar,en;q=0", "x" * 5000]
)
def test_whatever_languages_a_browser_reads_there_is_a_page(client, language):
    assert client.get("/sign-in", headers={"Accept-Language": language}).status_code == 200


@pytest.mark.parametrize("path", WRITING)
def test_json_that_is_no_plain_object_is_refused(client, path):
    answers = {repr(body[:40]): client.post(path, data=body, content_type=JSON).status_code for body in NO_OBJECTS}
    assert others(answers, 400) == {}


def test_json_that_is_an_object_passes_the_gate(client):
    content = json.dumps({"name": "ama", "deep": [[["é", {"a": None}]]]})
    assert client.post("/sign-in", data=content, content_type=JSON).status_code == 422
    assert client.get("/sign-in", content_type=JSON).status_code == 200


@pytest.mark.parametrize("path", WRITING)
def test_two_megabytes_are_too_large(client, path):
    kinds = (URLENCODED, MULTIPART, JSON, "text/plain")
    answers = {kind: client.post(path, data=b"name=" + TWO_MEGABYTES, content_type=kind).status_code for kind in kinds}
    assert others(answers, 413) == {}


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART, JSON])
@pytest.mark.parametrize("path", ["/sign-in", "/register"])
def test_two_megabytes_that_do_not_say_their_length_are_too_large(client, path, kind):
    part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' if kind == MULTIPART else b"name="
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    body = io.BytesIO(part + TWO_MEGABYTES)
    assert client.post(path, input_stream=body, content_type=kind, environ_overrides=chunked).status_code == 413


def test_a_small_form_that_does_not_say_its_length_is_read(client):
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    body = io.BytesIO(b"theme=dark&next=/people")
    answer = client.post("/theme", input_stream=body, content_type=URLENCODED, environ_overrides=chunked)
    assert answer.location == "/people"


def test_a_large_file_is_too_large(client):
    assert client.post("/sign-in", data={"name": (io.BytesIO(TWO_MEGABYTES), "x.bin")}).status_code == 413


@pytest.mark.parametrize("kind", [URLENCODED, "multipart/form-data"])
def test_two_thousand_fields_are_too_many(client, kind):
    data = {f"field-{number}": "x" for number in range(2000)}
    answers = {path: client.post(path, data=data, content_type=kind).status_code for path in WRITING}
    assert others(answers, 413) == {}


def test_a_full_form_passes_the_gate(client):
    data = {f"field-{number}": "x" * 1000 for number in range(400)}
    assert client.post("/sign-in", data=data).status_code == 422


@pytest.mark.parametrize(
    "path", ["/search?q=" + "x" * 64_000, "/" + "x" * 64_000, "/people?" + "role=a&" * 2000], ids=range(3)
)
def test_a_long_address_is_refused(client, path):
    assert client.get(path).status_code == 414


@pytest.mark.parametrize(
    "host", ["", "a b", "evil.example/..", "[::1", "x" * 300, "a:99999", "\xff", "localhost:abc", "a@b"]
)
def test_a_strange_host_is_answered(client, host):
    for path in ("/me", "/nothing", "/people?q=%00", "/static/favicon.svg"):
        assert client.get(path, headers={"Host": host}).status_code in (200, 303, 400, 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW", "get"])
def test_strange_methods_are_answered(client, method):
    assert client.open("/sign-in", method=method).status_code in (200, 405)


@pytest.mark.parametrize(
    "kind",
    [
        "",
        "x",
        "/",
        "application/",
        ";;;",
        "text/html; charset=zz",
        f"{JSON}; charset=utf-7",
        f"{URLENCODED}; charset=zz",
    ],
)
def test_a_strange_content_type_is_answered(client, kind):
    assert client.post("/sign-in", data=b"name=a", content_type=kind).status_code in (400, 422)


def client_status(browser: FlaskClient, *paths: str) -> list[int]:
    return [browser.get(path).status_code for path in paths]
