"""Bodies come and go in every mode of a real Envoy, whatever is made of them."""

import itertools
import time
from threading import Event

import grpc
import httpx
import pytest

from guardrails.client.blocking import Blocking
from guardrails.server.envoy.outcomes import Instead, Passed
from guardrails.server.envoy.processor import Processor

REQUESTS = ("BUFFERED", "FULL_DUPLEX_STREAMED")
RESPONSES = ("BUFFERED", "STREAMED", "FULL_DUPLEX_STREAMED")
MODES = list(itertools.product(REQUESTS, RESPONSES))
MOST = 4_000_000


class Shouting:
    """An answer in capitals: piece by piece, or whole where the upstream says JSON."""

    def __init__(self, *, waits):
        self.headers = {"x-begun": "yes"}
        self.waits = waits
        self.over = False
        self.closed = False
        self._kept = b""

    async def feed(self, piece):
        if self.waits:
            self._kept += piece
            return b""
        heard = self._kept + piece
        said, self._kept = heard[:-4], heard[-4:]  # always a little behind
        if b"stop" in heard:
            said, self._kept = heard[: heard.index(b"stop")], b"STOPPED"
            self.over = True
        return said.upper()

    async def finish(self):
        if b"refuse" in self._kept:
            return Instead(451, b"refused at the end", {})
        kept, self._kept = self._kept, b""
        return Passed(kept.upper(), {"x-ended": "yes"})

    async def aclose(self):
        self.closed = True


class Loud:
    """An exchange that passes everything on in capitals."""

    last = None

    def __init__(self):
        self.answered = None
        Loud.last = self

    judged = True

    def open(self, headers, *, bodyless):  # noqa: ARG002  # the seam has it
        if headers[":path"] == "/refused":
            return Instead(403, b"refused at once", {"x-why": "path"})
        return Passed(without=("accept-encoding",))

    async def ask(self, body):
        if body == b"refuse":
            return Instead(403, b"refused by the body", {})
        return Passed(None if body == b"same" else body.upper() * 2)

    def answer(self, headers):
        if headers[":status"] == "500":
            return Instead(502, b"no such answer", {})
        self.answered = Shouting(waits="json" in headers.get("content-type", ""))
        return self.answered


def eventually(true):
    for _ in range(1000):
        if true():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture(scope="module")
def loud():
    """Where a server of such exchanges listens."""
    blocking = Blocking()

    async def start():
        server = grpc.aio.server()
        Processor(lambda _first, _context: Loud(), MOST).add_to(server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, f"127.0.0.1:{port}"

    server, address = blocking.run(start())
    yield address
    blocking.run(server.stop(0))
    blocking.close()


@pytest.fixture(scope="module", params=MODES, ids=" and ".join)
def through(request, envoys, loud):
    """A client of Envoy in each mode in turn."""
    with httpx.Client(base_url=envoys(loud, request.param), timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def shipped(envoys, loud):
    """A client of Envoy as it is shipped."""
    with httpx.Client(base_url=envoys(loud), timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        (b"hello", b"HELLOHELLO"),
        (b"same", b"same"),
        (b"x" * 300_000, b"X" * 600_000),
    ],
)
def test_the_upstream_is_asked_what_came_of_the_request(through, upstream, sent, asked):
    upstream.says(b"fine", content_type="text/plain")

    answer = through.post("/", content=sent)

    assert (answer.status_code, answer.content) == (200, b"FINE")
    [(_, headers, body)] = upstream.asked
    assert body == asked
    assert "accept-encoding" not in headers


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [("/refused", b"x", b"refused at once"), ("/", b"refuse", b"refused by the body")],
)
def test_what_is_refused_never_reaches_the_upstream(through, upstream, path, body, said):
    upstream.says(b"fine")

    answer = through.post(path, content=body)

    assert (answer.status_code, answer.content) == (403, said)
    assert upstream.asked == []


@pytest.mark.parametrize("length", ["6", None])
def test_an_answer_that_waits_comes_whole(through, upstream, length):
    upstream.says(b"abc", b"def", **({"content_length": length} if length else {}))

    answer = through.post("/", content=b"x")

    assert (answer.content, answer.headers["x-begun"]) == (b"ABCDEF", "yes")


def test_an_answer_without_a_body_passes(through, upstream):
    upstream.says(status=204, content_length="0")

    assert through.post("/", content=b"x").status_code == 204


def test_a_request_without_a_body_passes(through, upstream):
    upstream.says(b"fine")

    assert through.get("/").content == b"FINE"
    assert upstream.asked[0][0].startswith("GET")


def test_an_answer_is_refused_by_its_headers(through, upstream):
    upstream.says(b"secret", status=500)

    answer = through.post("/", content=b"x")

    assert (answer.status_code, answer.content) == (502, b"no such answer")


def test_a_stream_that_is_over_is_ended_whatever_still_comes(through, upstream):
    upstream.says(b"one ", b"stop", b"secret", b"secret", content_type="text/event-stream")

    assert through.post("/", content=b"x").content == b"ONE STOPPED"


def test_what_waits_is_refused_with_a_status(shipped, upstream):
    upstream.says(b"abc", b"refuse")

    answer = shipped.post("/", content=b"x")

    assert (answer.status_code, answer.content) == (451, b"refused at the end")


def test_what_waits_has_its_headers_from_the_end(shipped, upstream):
    upstream.says(b"abc")

    assert shipped.post("/", content=b"x").headers["x-ended"] == "yes"


def test_a_stream_is_told_as_it_comes(shipped, upstream):
    more = Event()
    upstream.says(b"one ", b"two ", more, b"three", content_type="text/event-stream")

    with shipped.stream("POST", "/", content=b"x") as answer:
        pieces = answer.iter_raw()
        first = next(pieces)
        more.set()
        rest = b"".join(pieces)

    assert (first, rest) == (b"ONE ", b"TWO THREE")


def test_a_stream_that_is_over_takes_the_upstream_down(shipped, upstream):
    upstream.says(*[b"one ", b"stop"], *[b"secret" * 10_000] * 500, content_type="text/plain")

    answer = shipped.post("/", content=b"x")

    assert answer.content == b"ONE STOPPED"
    assert eventually(lambda: upstream.gone == 1)


def test_a_client_that_leaves_ends_the_judging(shipped, upstream):
    never = Event()
    upstream.says(b"one ", b"two ", never, content_type="text/plain")

    with shipped.stream("POST", "/", content=b"x") as answer:
        next(answer.iter_raw())
    closed = eventually(lambda: Loud.last.answered.closed)
    never.set()

    assert closed


def test_too_long_a_request_is_refused_where_it_is_held_here(envoys, loud, upstream):
    url = envoys(loud, ("FULL_DUPLEX_STREAMED", "FULL_DUPLEX_STREAMED"))
    upstream.says(b"fine")

    answer = httpx.post(url, content=b"x" * (MOST + 1), timeout=30)

    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "the body is longer than 4,000,000 bytes"
    assert upstream.asked == []


@pytest.mark.parametrize("modes", [("NONE", "BUFFERED"), ("BUFFERED", "NONE")])
def test_a_gateway_that_shows_no_bodies_gets_no_answers(envoys, loud, upstream, modes):
    url = envoys(loud, modes)
    upstream.says(b"fine")

    assert httpx.post(url, content=b"x").status_code == 500
    assert upstream.asked == []
