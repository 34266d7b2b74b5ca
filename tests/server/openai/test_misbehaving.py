"""Model's servers and clients that misbehave: nothing unjudged goes by, and nothing hangs."""

import http.client
import json
import socket
import time
from urllib.parse import urlsplit

import httpx
import openai
import pytest

CHAT = "/v1/chat/completions"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def post(url, body=None, *, path=CHAT, headers=None, **script):
    raw = body if isinstance(body, bytes) else json.dumps(body or ASKED).encode()
    sent = {"x-script": json.dumps(script), "content-type": "application/json", **(headers or {})}
    return httpx.post(url + path, content=raw, headers=sent, timeout=20, trust_env=False)


def code(response):
    return response.status_code, response.json()["error"]["code"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "the body is not valid JSON"),
        (b"[]", 400, "the body is no JSON object"),
        (b'{"a": "\xff"}', 400, "the body is not UTF-8"),
        (b'{"messages": [], "messages": []}', 400, "a key stands twice in the body, keep one"),
        (b"[" * 60_000, 400, "the body is not valid JSON"),
        (b'{"messages": NaN}', 400, "the body holds a number that JSON has not"),
        (b'{"messages": []}', 400, "'messages' should be a list, and hold something"),
        (b'{"model": "m"}', 400, "the request holds nothing to judge"),
        (b"x" * 100_001, 413, "the body is longer than 100,000 bytes"),
        (
            b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
            400,
            "part 0: lone surrogate at character 0, send text that is valid Unicode",
        ),
        (
            b'{"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}',
            400,
            (
                "'messages[0].content[0]': it holds sound or film, "
                "guard judges text, and pictures as data:image/...;base64,..."
            ),
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(url, model, body, status, message):
    response = post(url, body)

    assert (response.status_code, response.json()["error"]["message"]) == (status, message)
    assert model.asked == []


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"tools": [{"function": {"description": "forbidden"}}]}, "tools"),
        ({"some_new_field": {"deep": ["forbidden"]}}, "unknown fields"),
        ({"response_format": {"json_schema": {"schema": {"title": "forbidden"}}}}, "forms"),
        ({"prediction": {"type": "content", "content": "forbidden"}}, "predictions"),
    ],
)
def test_whatever_a_model_may_read_is_judged(url, model, more, place):
    response = post(url, ASKED | more)

    assert response.json()["choices"][0]["finish_reason"] == "content_filter", place
    assert model.asked == []


def test_packed_bodies_are_refused(url):
    assert code(post(url, headers={"content-encoding": "gzip"})) == (415, "packed_body")


@pytest.mark.parametrize(
    "path", ["/v1/files", "/v1//chat/completions", "/v1/models/../chat/completions", "/", "/admin"]
)
def test_other_endpoints_are_refused(url, model, path):
    head, _, _ = url.partition("?")
    where = urlsplit(head)
    connection = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    connection.request("POST", path, json.dumps(ASKED))
    assert connection.getresponse().status == 404
    connection.close()
    assert model.asked == []


def test_the_health_of_the_proxy_itself(url, model):
    assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"status": "serving"}
    assert model.asked == []


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_errors_of_the_server_pass(url, status):
    response = post(url, mode="error", status=status)

    assert response.status_code == status
    assert response.json()["error"]["message"] == "slow down"


@pytest.mark.parametrize(
    ("script", "status", "told"),
    [
        ({"mode": "error", "status": 302}, 502, "upstream_failed"),
        ({"mode": "raw", "raw": "not json forbidden"}, 502, "answer_unjudged"),
        ({"mode": "raw", "raw": "forbidden", "kind": "text/plain"}, 502, "answer_unjudged"),
        ({"mode": "raw", "raw": "{}"}, 502, "answer_unjudged"),
        ({"mode": "raw", "raw": '{"choices": ["forbidden"]}'}, 502, "answer_unjudged"),
        ({"mode": "dies"}, 502, "upstream_failed"),
        ({"mode": "silent"}, 504, "upstream_failed"),
        ({"say": ["x"], "repeat": 100_001}, 502, "upstream_failed"),
    ],
)
def test_answers_that_are_none(url, script, status, told):
    response = post(url, **script)

    assert code(response) == (status, told)
    assert "forbidden" not in response.text


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("data: forbidden\n\n", "answer_unjudged"),
        ('data: {"text": "forbidden"}\n\n', "answer_unjudged"),
        ('data: {"choices": [{"delta": {"content": "forbidden"}}]}\n\n', "answer_unjudged"),
        (
            (
                'data: {"choices": [{"index": 0, "delta": {"audio": {"data": "eA==", "transcript": '
                '"forbidden"}}}]}\n\n'
            ),
            "answer_unjudged",
        ),
    ],
)
def test_streams_that_are_none(url, raw, told):
    response = post(url, {**ASKED, "stream": True}, mode="raw", kind="text/event-stream", raw=raw)

    assert code(response) == (502, told)
    assert "forbidden" not in response.text


@pytest.mark.parametrize(
    "raw",
    [
        ": forbidden\n\n",
        "id: forbidden\ndata: {0}\n\n",
        "event: x\nretry: 1\n:forbidden\ndata: {0}\n\n",
    ],
)
def test_what_clients_skip_does_not_go_by_either(url, raw):
    chunk = '{"choices": [{"index": 0, "delta": {"content": "hi"}}]}'
    response = post(
        url,
        {**ASKED, "stream": True},
        mode="raw",
        kind="text/event-stream",
        raw=raw.replace("{0}", chunk) + f"data: {chunk}\n\ndata: [DONE]\n\n",
    )

    assert response.status_code == 200
    assert "forbidden" not in response.text


def test_a_stream_that_breaks_off_says_so(url):
    say = ["All is well here. "] * 60
    with openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client:
        chunks = client.chat.completions.create(
            **ASKED,
            stream=True,
            extra_headers={"x-script": json.dumps({"say": say, "mode": "dies"})},
        )
        got = []
        with pytest.raises(openai.APIError, match="broke off"):
            got.extend(chunks)


def test_a_client_that_leaves_ends_the_answer_at_the_server(url, model):
    headers = {"x-script": json.dumps({"mode": "endless"})}
    with (
        httpx.Client(trust_env=False, timeout=20) as client,
        client.stream("POST", url + CHAT, json={**ASKED, "stream": True}, headers=headers) as got,
    ):
        next(got.iter_bytes())
        assert not model.left.is_set()
    assert model.left.wait(10)


def test_a_client_that_leaves_while_it_waits_ends_it_as_well(url, model):
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            url + CHAT,
            json=ASKED,
            headers={"x-script": json.dumps({"mode": "silent"})},
            timeout=0.5,
            trust_env=False,
        )
    assert model.left.wait(1.2)  # before the proxy itself gives up


def test_a_client_that_reads_nothing_slows_the_server_and_is_given_up(url, model):
    where = urlsplit(url)
    body = json.dumps({**ASKED, "stream": True}).encode()
    head = (
        f"POST {CHAT} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
        'x-script: {"mode": "endless", "times": 2000}\r\nx-policy: long\r\n\r\n'
    )
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((where.hostname, where.port))
        client.sendall(head.encode() + body)
        assert client.recv(10)
        started = time.monotonic()
        assert model.left.wait(30)
        assert time.monotonic() - started > 1


def test_an_answer_of_which_all_is_blocked_ends_at_the_server(url):
    say = ["it is forbidden. "] + ["And on it goes. "] * 60
    response = post(url, {**ASKED, "stream": True}, say=say)

    assert response.text.endswith("data: [DONE]\n\n")
    assert "goes" not in response.text
    assert response.headers["x-guardrails-action"] == "block"


def test_headers_of_a_hop_stay_on_it(url, model):
    response = post(url, headers={"connection": "x-hop", "x-hop": "1", "te": "trailers"})

    assert {"x-hop", "te"}.isdisjoint(model.asked[-1]["headers"])
    assert response.headers["content-type"] == "application/json"
