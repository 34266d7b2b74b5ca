"""The page that tells who was copied, as a browser without scripts meets it."""

import http.client
import logging
import random
import re
import socket
import tempfile
import time
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from guardrails.core.view import Span
from guardrails.server.address import Tcp
from guardrails.server.works.serving import Site
from guardrails.server.works.site import web
from guardrails.server.works.site.passages import How, pieces
from guardrails.works.errors import WorksError
from guardrails.works.library import Library, Original
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.text.words import words
from guardrails.works.work import Consent, Kind, Work

PICTURE = (Path(__file__).parent.parent / "pictures/astronaut.jpg").read_bytes()
SCRIPT = "<script>alert('x')</script>"


def prose(seed: int, count: int = 200) -> list[str]:
    chance = random.Random(seed)  # noqa: S311  # no secret
    known = ["".join(chance.choices("aeioulmnrstk", k=chance.randint(3, 8))) for _ in range(200)]
    return chance.choices(known, k=count)


NOVEL = prose(1)
COPY = " ".join(["My", "own", "words.", *NOVEL[20:50], "Something", *NOVEL[51:80]])


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture
def store():
    kept = MemoryStore()
    novel = Work("n1", Kind.TEXT, "The Novel", "Ada", "https://example.org/n", "CC-BY-4.0")
    Library(kept, "novels").add([Original(novel, " ".join(NOVEL))])
    portrait = Work("p1", Kind.IMAGE, "Portrait", "NASA", contact="press@example.org")
    Library(kept, "photographs").add([Original(portrait, PICTURE)])
    return kept


@pytest.fixture
def site(store):
    opened = Site(store, Tcp("127.0.0.1", 0), None, ())
    yield opened
    opened.close()


def ask(site: Site, method: str, path: str = "/", body: bytes = b"", kind: str = "") -> Got:
    host, _, port = site.url.removeprefix("http://").rstrip("/").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    try:
        connection.request(method, path, body or None, {"Content-Type": kind} if kind else {})
        response = connection.getresponse()
        return Got(response.status, dict(response.headers), response.read().decode())
    finally:
        connection.close()


def send(site: Site, text: str = "", picture: bytes = b"", collection: str = "") -> Got:
    """Send the form as a browser does."""
    parts = [("text", "", text.encode()), ("collection", "", collection.encode())]
    parts.append(("picture", '; filename="a.png"\r\nContent-Type: image/png', picture))
    body = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, more, value in parts
    )
    return ask(site, "POST", "/", body + b"--edge--\r\n", "multipart/form-data; boundary=edge")


def shown(page: str) -> str:
    """What a person reads."""
    visible = re.sub(r"<(head|textarea|select)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", visible)).split())


class Tags(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


def test_the_form_is_there_and_says_what_happens_to_what_is_sent(site):
    got = ask(site, "GET")

    assert got.status == 200
    assert "neither kept nor logged" in shown(got.body)
    labelled = {label["for"] for label in Tags(got.body).of("label")}
    controls = {
        one["id"] for tag in ("textarea", "input", "select") for one in Tags(got.body).of(tag)
    }
    assert labelled == controls == {"text", "picture", "collection"}


def test_a_copied_text_is_shown_beside_the_place_in_the_work(site):
    got = send(site, COPY)

    assert got.status == 200
    told = shown(got.body)
    assert "1 work found in this text" in told
    assert "The Novel by Ada protected" in told
    assert "59 words the same 1 changed, 30 words in a row" in told
    assert "Words 21 to 80 of 200" in told
    assert "Licence CC-BY-4.0" in told
    assert '<mark class="changed">Something</mark>' in got.body
    assert '<span class="around">My own words. </span><mark class="same">' in got.body
    assert "<title>1 work found in this text – Have I been copied?</title>" in got.body


def test_a_copied_picture_is_shown_with_its_region(site):
    got = send(site, picture=PICTURE)

    assert "1 work found in this picture" in shown(got.body)
    (image,) = Tags(got.body).of("image")
    assert image["href"].startswith("data:image/png;base64,iVBORw0KGgo")
    labels = [one.get("aria-label") for one in Tags(got.body).of("svg") if "aria-label" in one]
    assert labels == [
        "Your picture; the copied part: all of it",
        "The work, as a diagram; the copied part: all of it",
    ]
    assert [one["href"] for one in Tags(got.body).of("a")][-1] == "mailto:press@example.org"


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"text": "nothing that anybody here wrote"}, 200, "No work here is in this text"),
        ({"text": ""}, 400, "Nothing to look up Paste a text or choose a picture first."),
        ({"text": " \n "}, 400, "Nothing to look up"),
        ({"picture": b"GIF89a"}, 400, "That cannot be looked up"),
        ({"picture": b"%PDF"}, 400, "Picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file."),
        ({"text": "x" * 200_001}, 400, "The text has 200,001 characters, 200,000 are looked up"),
        ({"text": "x", "collection": "lost"}, 400, "No collection 'lost' in the store"),
        (
            {"picture": b"\x89PNG\r\n\x1a\n" + b"x" * (20 << 20)},
            413,
            "That is too large A picture may have 20 MB, a text 200,000 characters.",
        ),
        ({"picture": b"x" * (60 << 20)}, 413, "Send a smaller copy of the picture"),
    ],
)
def test_what_cannot_be_looked_up_is_said_plainly(site, sent, status, told):
    got = send(site, **sent)

    assert got.status == status
    assert told in shown(got.body)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"text=x", 415),
        ("multipart/form-data", b"text", 400),
        ("multipart/form-data; boundary=edge", b"--edge\r\n\r\n", 400),
        ("multipart/form-data; boundary=edge", b'--edge\r\nContent-Disposition: x"\r\n\r\nx', 400),
    ],
)
def test_what_is_no_form_is_refused(site, kind, body, status):
    assert ask(site, "POST", "/", body, kind).status == status


def hostile() -> Work:
    """A work whose owner would like to run scripts in a reviewer's browser."""
    return Work(
        f'"><img src=x onerror=alert(1)>{SCRIPT}',
        Kind.TEXT,
        f"{SCRIPT}{{{{7*7}}}}\u202e",
        f"'\"><svg onload=alert(1)>{SCRIPT}",
        source="javascript:alert(1)",
        licence="</dd></dl><script>",
        contact=f'x@example.org" onclick="alert(1){SCRIPT}',
        created="<b>today</b>",
    )


def test_hostile_titles_and_texts_are_text(store, site):
    Library(store, f"<i>{SCRIPT}").add([Original(hostile(), " ".join(prose(7)))])
    text = f"{SCRIPT}</textarea></blockquote>{SCRIPT} {' '.join(prose(7)[:60])} <!-- {SCRIPT}"
    plain = Tags(send(site, COPY).body)

    got = send(site, text)

    tags = Tags(got.body)
    assert "49" not in shown(got.body)
    assert {tag for tag, _ in tags.found} <= {tag for tag, _ in plain.found}
    assert [one["src"] for one in tags.of("script")] == ["static/page.js"]
    assert not any(name.startswith("on") for _, known in tags.found for name in known)
    assert not any("style" in known for _, known in tags.found)
    assert {one["href"] for one in tags.of("a")} == {"#form", "./"}
    assert SCRIPT in shown(got.body)


@pytest.mark.parametrize(
    ("contact", "leads_to"),
    [
        ("a.b+c@example.org", "mailto:a.b+c@example.org"),
        ("https://example.org/rights?x=1", "https://example.org/rights?x=1"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org", None),
        ("a@example.org?bcc=b@example.org", None),  # nothing is put into a letter
        ("https://example.org/ onclick=x", None),
        ("write to the estate", None),
    ],
)
def test_only_mail_and_sites_are_led_to(store, site, contact, leads_to):
    work = Work("w", Kind.TEXT, contact=contact)
    Library(store, "novels").add([Original(work, " ".join(prose(8)))])

    got = send(site, " ".join(prose(8)[:60]))

    links = [one["href"] for one in Tags(got.body).of("a")][2:]
    assert links == ([] if leads_to is None else [leads_to])
    assert contact in shown(got.body)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_page_keeps_to_itself(site, method):
    got = ask(site, method)
    policy = dict(
        one.strip().split(" ", 1) for one in got.headers["content-security-policy"].split(";")
    )

    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["referrer-policy"] == "no-referrer"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "server" not in got.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/page.css", 200),
        ("/static/page.js", 200),
        ("/static/mark.svg", 200),
        ("/static/web.py", 404),
        ("/static/..%2fweb.py", 404),
        ("/static/../web.py", 404),
        ("/other", 404),
    ],
)
def test_it_has_three_files_and_no_more(site, path, status):
    assert ask(site, "GET", path).status == status


def test_nothing_on_the_page_comes_from_elsewhere(site):
    pages = [ask(site, "GET"), send(site, COPY), send(site, picture=PICTURE)]
    loaded = [
        known[name]
        for page in pages
        for tag, known in Tags(page.body).found
        for name in ("src", "href", "action")
        if tag not in {"a", "image", "use"} and name in known
    ]
    files = "".join(ask(site, "GET", f"/static/{name}").body for name in web.FILES)

    assert set(loaded) == {"./", "static/mark.svg", "static/page.css", "static/page.js"}
    assert re.findall(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", files) == []


def test_nothing_that_is_sent_is_logged_or_touches_a_disk(site, caplog, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with caplog.at_level(logging.DEBUG):
        first = send(site, f"secretword {COPY}")
        large = send(site, "secretword", picture=PICTURE + b"secretpicture" * 500_000)
        refused = send(site, "secretword " * 30_000)

    assert [one.status for one in (first, large, refused)] == [200, 200, 400]
    assert "secret" not in caplog.text


def test_an_error_inside_is_bland_and_in_the_log(site, monkeypatch, caplog):
    def fail(*_: object) -> None:
        raise ValueError("secretword")

    monkeypatch.setattr("guardrails.server.works.site.cards.of_text", fail)
    got = send(site, COPY)

    assert got.status == 500
    number = got.body.removeprefix("internal error ")
    assert f"error {number}: lookup page, ValueError" in caplog.text
    assert "secretword" not in got.body + caplog.text


def test_a_store_that_cannot_be_read_is_told_without_its_words(site, store, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise WorksError("works: 'postgresql://user:secret@host' cannot be reached")

    monkeypatch.setattr(store, "hits", fail)
    got = send(site, COPY)

    assert got.status == 503
    assert "The works cannot be read at the moment" in shown(got.body)
    assert "secret" not in got.body


def test_when_too_many_look_at_once_the_rest_is_asked_to_come_back(site, monkeypatch):
    monkeypatch.setattr(web, "AT_ONCE", 0)

    got = send(site, COPY)

    assert (got.status, "Try again in a few seconds" in shown(got.body)) == (503, True)


def test_a_browser_may_send_all_before_it_is_told_that_it_is_too_much(site):
    port = int(site.url.rstrip("/").rpartition(":")[2])
    most, more = bytes(web.BODY_BYTES + 1), bytes(4 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=edge\r\n"
            b"Content-Length: %d\r\n\r\n" % (len(most) + len(more))
        )
        line.sendall(most)
        time.sleep(0.5)  # a slow line
        line.sendall(more)
        answer = line.recv(1000)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_an_upload_that_does_not_arrive_is_given_up(site, monkeypatch):
    monkeypatch.setattr(web, "READING_SECONDS", 0.2)
    port = int(site.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n--edge"
        )
        answer = line.recv(1000)

    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (Consent.UNKNOWN, "protected"),
        (Consent.ALLOWED, "copies allowed"),
        (Consent.OPTED_OUT, "opted out"),
        (Consent.TAKEN_DOWN, "taken down"),
    ],
)
def test_what_the_owner_has_said_is_told_at_once(store, site, consent, told):
    Library(store, "novels").consent(consent, ["n1"])

    assert f"The Novel by Ada {told}" in shown(send(site, COPY).body)


def test_it_looks_in_the_collection_that_is_asked_for(site):
    assert "1 work found" in shown(send(site, COPY, collection="novels").body)
    assert "No work here" in shown(send(site, COPY, collection="photographs").body)


def test_it_may_be_kept_to_some_collections(store):
    kept = Site(store, Tcp("127.0.0.1", 0), None, ["photographs"])
    try:
        page, other, named = (
            ask(kept, "GET"),
            send(kept, COPY),
            send(kept, "x", collection="novels"),
        )
    finally:
        kept.close()

    assert "novels" not in page.body
    assert "No work here" in shown(other.body)
    assert "No collection 'novels' in the store, there is: 'photographs'." in shown(named.body)


def test_an_address_that_is_taken_is_told(site, store):
    taken = Tcp("127.0.0.1", int(site.url.rstrip("/").rpartition(":")[2]))

    with pytest.raises(OSError, match=r"cannot serve the lookup page on '127.0.0.1:.*in use"):
        Site(store, taken, None, ())


def test_likenesses_that_are_faint_are_told_apart(site):
    got = send(site, "Before it all. " + " ".join(NOVEL[30:45]) + " And after it.")

    assert "No work here is in this text" in shown(got.body)
    assert "1 fainter likeness, most likely chance" in shown(got.body)


A, S, C, G = How.AROUND, How.SAME, How.CHANGED, How.GAP


@pytest.mark.parametrize(
    ("text", "passage", "theirs", "shown_as"),
    [
        ("one two three", "one two three", "one two three", [(S, "one two three")]),
        ("so one two.", "one two", "one two", [(A, "so "), (S, "one two"), (A, ".")]),
        (
            "one two, THREE four",
            "one two, THREE four",
            "one six three four",
            [(S, "one "), (C, "two"), (S, ", THREE four")],
        ),
        (
            "one four",
            "one four",
            "one two three four",
            [(S, "one "), (G, ""), (S, "four")],
        ),
        (
            "one new two",
            "one new two",
            "one two",
            [(S, "one "), (C, "new"), (S, " two")],
        ),
        ("other one", "other one", "their one", [(C, "other"), (S, " one")]),
        ("one other!", "one other!", "one their", [(S, "one "), (C, "other"), (S, "!")]),
        ("one", "one", "one two", [(S, "one"), (G, "")]),
        ("déjà <vu>", "déjà <vu>", "deja vu", [(S, "déjà <vu>")]),
        ("whole", "whole", None, [(S, "whole")]),
    ],
)
def test_a_passage_is_cut_into_what_is_equal_and_what_is_not(text, passage, theirs, shown_as):
    start = text.index(passage)
    hashes = None if theirs is None else words(theirs).hashes

    cut = pieces(text, Span(start, start + len(passage)), hashes)

    merged: list[tuple[How, str]] = []
    for piece in cut:
        if merged and merged[-1][0] is piece.how is S:
            merged[-1] = (S, merged[-1][1] + piece.text)
        else:
            merged.append((piece.how, piece.text))
    assert merged == shown_as


def test_of_a_long_passage_the_beginning_and_the_end_are_shown():
    text = " ".join(prose(3, 4000))

    cut = pieces(text, Span(0, len(text)), None)

    assert [piece.how for piece in cut] == [S, How.CUT, S]
    assert text.startswith(cut[0].text)
    assert text.endswith(cut[-1].text)
    assert sum(len(piece.text) for piece in cut) < 3000
