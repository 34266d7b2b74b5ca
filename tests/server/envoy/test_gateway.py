"""What a client of a real Envoy gets, with a real sidecar beside it."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from threading import Event

import grpc
import httpx
import openai
import pytest

from guardrails.client.blocking import Blocking
from guardrails.server.address import Tcp
from guardrails.server.config import Config, EnvoyConfig
from guardrails.server.envoy.door import EnvoyDoor

KEY = f"k1:{base64.b64encode(b'k' * 32).decode()}"
CHAT = """
policy: chat
hiding: {keys_file: keys.txt}
input:
  - check: keywords
    rule: confidential
    with: {words: [zephyr], category: confidential}
    then: redact
    redact: {as: sealed}
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
output:
  - check: keywords
    rule: secret
    with: {words: [mistral], category: confidential}
    then: redact
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
stream: {window: 60, overlap: 20}
replies: {block: I can't help with that.}
"""
STRICT = """
policy: strict
input: [{check: keywords, with: {words: [hello]}, then: block}]
output: [{check: keywords, with: {words: [hello]}, then: block}]
replies: {block: Not even that.}
"""
ROUTES = """
policy: chat
policy_header: x-policy
rules: [{model: "strict-*", policy: strict}]
"""
REPLY = "I can't help with that."
FILLER = "All is well in the garden, and the bees are busy. " * 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("gateway")
    (made / "policies").mkdir()
    for name, text in (("chat.yaml", CHAT), ("strict.yaml", STRICT), ("keys.txt", KEY)):
        (made / "policies" / name).write_text(text)
    (made / "routes.yaml").write_text(ROUTES)
    return made


@pytest.fixture(scope="module")
def sidecar(serve, folder):
    """Where a sidecar with two policies listens."""
    config = Config(
        folder / "policies", Tcp("127.0.0.1", 0), envoy=EnvoyConfig(folder / "routes.yaml")
    )
    return serve(config)


@pytest.fixture(scope="module")
def url(envoys, sidecar):
    """Where an Envoy as it is shipped listens."""
    return envoys(sidecar)


@pytest.fixture(scope="module")
def client(url):
    with httpx.Client(base_url=url, timeout=30) as made:
        yield made


def asked(text, **more):
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


def completion(*texts):
    choices = [
        {"index": n, "message": {"role": "assistant", "content": t}, "finish_reason": "stop"}
        for n, t in enumerate(texts)
    ]
    whole = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices}
    return json.dumps(whole).encode()


def chunk(text, finish=None):
    delta = {"content": text} if text else {}
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    told = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**told, "choices": choices}).encode() + b"\n\n"


def events(text, size=7):
    pieces = [chunk(text[at : at + size]) for at in range(0, len(text), size)]
    return [*pieces, chunk("", "stop"), b"data: [DONE]\n\n"]


def cut(data, size):
    whole = b"".join(data)
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def spoken(body):
    """Give what a stream says, and why it ended."""
    said, finish = "", None
    for line in body.decode().splitlines():
        if line.startswith("data: {"):
            choice = json.loads(line.removeprefix("data: "))["choices"][0]
            said += choice["delta"].get("content") or ""
            finish = choice["finish_reason"] or finish
    return said, finish


def eventually(true):
    for _ in range(1000):
        if true():
            return True
        time.sleep(0.01)
    return False


def chat(client, text, **more):
    headers = more.pop("headers", {})
    return client.post("/v1/chat/completions", json=asked(text, **more), headers=headers)


def test_what_nothing_fires_on_passes_byte_for_byte(client, upstream):
    said = completion("Hello   there") + b"\n"
    upstream.says(said)
    body = b'{ "model": "m",  "messages": [{"role": "user", "content": "hello"}] }'

    answer = client.post(
        "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )

    assert (answer.status_code, answer.content) == (200, said)
    assert upstream.asked[0][2] == body
    assert answer.headers["x-guardrails-action"] == "allow"
    assert [len(one) for one in answer.headers["x-guardrails-decision"].split(", ")] == [32, 32]


def test_a_blocked_prompt_never_reaches_the_model(client, upstream):
    upstream.says(completion("fine"))

    answer = chat(client, "the forbidden thing")

    choice = answer.json()["choices"][0]
    assert answer.status_code == 200
    assert (choice["message"]["content"], choice["finish_reason"]) == (REPLY, "content_filter")
    assert answer.headers["x-guardrails-action"] == "block"
    assert answer.json()["id"] == f"chatcmpl-{answer.headers['x-guardrails-decision']}"
    assert upstream.asked == []


def test_a_blocked_prompt_of_a_stream_is_told_as_one(client, upstream):
    upstream.says()

    answer = chat(client, "the forbidden thing", stream=True)

    assert answer.headers["content-type"] == "text/event-stream"
    assert spoken(answer.content) == (REPLY, "content_filter")
    assert answer.content.endswith(b"data: [DONE]\n\n")


def test_a_blocked_answer_is_withheld(client, upstream):
    upstream.says(completion("the forbidden thing"))

    answer = chat(client, "hello")

    choice = answer.json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (REPLY, "content_filter")
    assert "forbidden" not in answer.text
    assert answer.headers["x-guardrails-action"] == "block"


def test_the_model_sees_no_secret_and_the_answer_has_it_back(client, upstream):
    upstream.says(completion("So, <CONFIDENTIAL_1> and mistral?"))

    answer = chat(client, "project zephyr")

    seen = json.loads(upstream.asked[0][2])
    assert seen["messages"][0]["content"] == "project <CONFIDENTIAL_1>"
    assert answer.json()["choices"][0]["message"]["content"] == "So, zephyr and <CONFIDENTIAL>?"
    assert answer.headers["x-guardrails-action"] == "redact"


@pytest.mark.parametrize("size", [1, 5, 64, 100_000])
def test_a_stream_is_judged_however_it_is_split(client, upstream, size):
    text = f"{FILLER}So <CONFIDENTIAL_1> and mistral. {FILLER}"
    data = events(text) if size > 1 else events(text[-360:])
    upstream.says(*cut(data, size), content_type="text/event-stream")

    answer = chat(client, "project zephyr", stream=True)

    whole = text if size > 1 else text[-360:]
    expected = whole.replace("<CONFIDENTIAL_1>", "zephyr").replace("mistral", "<CONFIDENTIAL>")
    assert spoken(answer.content) == (expected, "stop")
    assert answer.content.endswith(b"data: [DONE]\n\n")


def test_a_stream_is_told_while_it_is_spoken(client, upstream):
    more = Event()
    upstream.says(*events(FILLER)[:30], more, *events("Bye."), content_type="text/event-stream")

    with client.stream("POST", "/v1/chat/completions", json=asked("hello", stream=True)) as answer:
        pieces = answer.iter_raw()
        first = next(pieces)
        more.set()
        rest = b"".join(pieces)

    assert spoken(first)[0]
    assert spoken(first + rest)[0] == FILLER[:210] + "Bye."
    assert upstream.gone == 0


def test_a_model_that_is_withheld_is_stopped(client, upstream):
    text = events(f"{FILLER}the forbidden thing{FILLER}" + FILLER * 500, 20)
    upstream.says(*text, content_type="text/event-stream")

    answer = chat(client, "hello", stream=True)

    assert spoken(answer.content)[1] == "content_filter"
    assert eventually(lambda: upstream.gone == 1)


def test_a_stream_is_blocked_in_its_midst(client, upstream):
    text = f"{FILLER}the forbidden thing {FILLER}"
    upstream.says(*events(text), content_type="text/event-stream")

    answer = chat(client, "hello", stream=True)

    said, finish = spoken(answer.content)
    assert finish == "content_filter"
    assert said.endswith(REPLY)
    assert FILLER.startswith(said.removesuffix(REPLY)[:100])
    assert "forbidden" not in said
    assert answer.content.endswith(b"data: [DONE]\n\n")
    assert b": guardrails block " in answer.content


def test_the_official_client_understands(url, upstream):
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    upstream.says(*events(f"{FILLER}the forbidden thing"), content_type="text/event-stream")

    with client:
        stream = client.chat.completions.create(**asked("hello"), stream=True)
        chunks = [each.choices[0] for each in stream]

    assert chunks[-1].finish_reason == "content_filter"
    assert "".join(each.delta.content or "" for each in chunks).endswith(REPLY)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_an_error_of_the_model_passes_and_says_that_it_is_unjudged(client, upstream, status):
    upstream.says(b'{"error": {"message": "no"}}', status=status)

    answer = chat(client, "hello")

    assert (answer.status_code, answer.json()) == (status, {"error": {"message": "no"}})
    assert answer.headers["x-guardrails-unjudged"] == "error"


def test_a_stream_that_breaks_off_is_no_whole_answer(client, upstream):
    off = Event()
    upstream.says(*events(FILLER)[:30], off, None, content_type="text/event-stream")

    with client.stream("POST", "/v1/chat/completions", json=asked("hello", stream=True)) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        off.set()
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"<p>forbidden</p>", {"content_type": "text/html"}, "neither JSON nor a stream of events"),
        (b"\x1f\x8b", {"content_encoding": "gzip"}, "it is compressed"),
        (b"not JSON", {}, "not valid JSON"),
        (b'{"choices": 3}', {}, "no 'choices'"),
    ],
)
def test_an_answer_that_cannot_be_judged_is_refused(client, upstream, body, headers, why):
    upstream.says(body, **headers)

    answer = chat(client, "hello")

    assert answer.status_code == 502
    assert why in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status", "code"),
    [
        ("POST", "/v1/unknown", b"{}", {}, 404, "unknown_endpoint"),
        ("POST", "/v1/chat/completions/", b"{}", {}, 404, "unknown_endpoint"),
        ("POST", "/v1/chat%2Fcompletions", b"{}", {}, 404, "unknown_endpoint"),
        ("GET", "/v1/models/%2e%2e/files", b"", {}, 404, "unknown_endpoint"),
        ("POST", "/v1/chat/completions", b"", {}, 415, "request_unjudged"),
        ("POST", "/v1/chat/completions", b"{", {}, 400, "request_unjudged"),
        (
            "POST",
            "/v1/chat/completions",
            b"x",
            {"content-type": "text/plain"},
            415,
            "request_unjudged",
        ),
        ("POST", "/v1/chat/completions", b"x", {"content-encoding": "br"}, 415, "request_unjudged"),
        (
            "POST",
            "/v1/chat/completions",
            b'{"messages": [{"role": "x"}]}',
            {},
            400,
            "request_unjudged",
        ),
    ],
)
def test_a_request_that_cannot_be_judged_is_refused(
    client, upstream, method, path, content, headers, status, code
):
    upstream.says(completion("fine"))
    headers = {"content-type": "application/json", **headers}

    answer = client.request(method, path, content=content, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert upstream.asked == []


def test_a_redirection_would_lead_past_the_judge(client, upstream):
    upstream.says(completion("fine"), status=307, location="http://elsewhere/")

    assert chat(client, "hello").status_code == 502


def test_what_the_routes_let_by_says_that_it_is_unjudged(client, upstream):
    upstream.says(b'{"data": []}')

    answer = client.get("/v1/models")

    assert answer.json() == {"data": []}
    assert answer.headers["x-guardrails-unjudged"] == "endpoint"


@pytest.mark.parametrize("stream", [True, False])
def test_the_model_cannot_say_what_was_decided(client, upstream, stream):
    body = events("fine") if stream else [completion("fine")]
    kind = "text/event-stream" if stream else "application/json"
    forged = {"x_guardrails_decision": "forged", "x_guardrails_unjudged": "forged"}
    upstream.says(*body, content_type=kind, **forged)

    answer = chat(client, "hello", stream=stream)

    assert "forged" not in str(answer.headers)


def test_a_long_request_is_held_and_one_that_is_longer_is_refused(client, upstream):
    upstream.says(completion("fine"))
    body = json.dumps(asked("hello")).encode()
    kind = {"content-type": "application/json"}

    statuses = [
        client.post("/v1/chat/completions", content=body + b" " * more, headers=kind).status_code
        for more in (8 << 20, 17 << 20)
    ]

    assert statuses == [200, 413]


def test_embeddings_are_judged_on_their_way_in_alone_and_say_so(client, upstream):
    upstream.says(b'{"data": [{"embedding": [0.5]}]}')

    seen = client.post("/v1/embeddings", json={"model": "m", "input": "project zephyr"})
    blocked = client.post("/v1/embeddings", json={"model": "m", "input": "forbidden"})

    assert seen.headers["x-guardrails-unjudged"] == "answer"
    assert json.loads(upstream.asked[0][2])["input"] == "project <CONFIDENTIAL_1>"
    assert (blocked.status_code, blocked.json()["error"]["code"]) == (400, "content_filter")


def test_until_policies_are_warm_nothing_passes(behind, envoys, upstream):
    async def start():
        server = grpc.aio.server()
        EnvoyDoor(None, behind(None)).add_to(server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, f"127.0.0.1:{port}"

    upstream.says(completion("fine"))
    blocking = Blocking()
    server, address = blocking.run(start())
    answer = httpx.post(f"{envoys(address)}/v1/chat/completions", json=asked("hello"))
    blocking.run(server.stop(0))
    blocking.close()

    assert answer.status_code == 500
    assert upstream.asked == []


def test_the_upstream_is_asked_for_bytes_that_can_be_read(client, upstream):
    upstream.says(completion("fine"))

    chat(client, "hello", headers={"accept-encoding": "gzip, br", "x-policy": "chat"})

    headers = upstream.asked[0][1]
    assert "accept-encoding" not in headers
    assert "x-policy" not in headers


@pytest.mark.parametrize(
    ("model", "headers", "said"),
    [
        ("m", {}, "fine"),
        ("strict-1", {}, "Not even that."),
        ("m", {"x-policy": "strict"}, "Not even that."),
        ("strict-1", {"x-policy": "chat"}, "fine"),
    ],
)
def test_the_routing_file_chooses_the_policy(client, upstream, model, headers, said):
    upstream.says(completion("fine"))

    answer = chat(client, "hello", model=model, headers=headers)

    assert answer.json()["choices"][0]["message"]["content"] == said


def test_the_gateway_chooses_before_all_others(envoys, sidecar, upstream):
    def name(told):
        told_filter = told["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
        processing = told_filter["typed_config"]["http_filters"][0]["typed_config"]
        named = [{"key": "guardrails-policy", "value": "strict"}]
        processing["grpc_service"]["initial_metadata"] = named

    upstream.says(completion("fine"))
    with httpx.Client(base_url=envoys(sidecar, change=name)) as client:
        answer = chat(client, "hello", headers={"x-policy": "chat"})

    assert answer.json()["choices"][0]["message"]["content"] == "Not even that."


def test_what_filters_found_out_chooses_too(envoys, sidecar, upstream):
    def find_out(told):
        told_filter = told["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
        filters = told_filter["typed_config"]["http_filters"]
        filters[0]["typed_config"]["metadata_options"] = {
            "forwarding_namespaces": {"untyped": ["guardrails"]}
        }
        kind = "envoy.extensions.filters.http.set_metadata.v3.Config"
        set_metadata = {
            "@type": f"type.googleapis.com/{kind}",
            "metadata": [{"metadata_namespace": "guardrails", "value": {"policy": "strict"}}],
        }
        filters.insert(0, {"name": "found", "typed_config": set_metadata})

    upstream.says(completion("fine"))
    with httpx.Client(base_url=envoys(sidecar, change=find_out)) as client:
        answer = chat(client, "hello")

    assert answer.json()["choices"][0]["message"]["content"] == "Not even that."


@pytest.mark.parametrize("response", ["BUFFERED", "STREAMED", "FULL_DUPLEX_STREAMED"])
@pytest.mark.parametrize("request_mode", ["BUFFERED", "FULL_DUPLEX_STREAMED"])
def test_every_mode_gives_the_same_answers(envoys, sidecar, upstream, request_mode, response):
    texts = ("fine", "mistral here", "the forbidden thing")
    said = []
    with httpx.Client(base_url=envoys(sidecar, (request_mode, response)), timeout=30) as client:
        for text in texts:
            upstream.says(completion(text))
            said.append(chat(client, "hello").json()["choices"][0]["message"]["content"])
        for text in texts:
            upstream.says(*events(text), content_type="text/event-stream")
            said.append(spoken(chat(client, "hello", stream=True).content)[0])

    assert said == ["fine", "<CONFIDENTIAL> here", REPLY] * 2


class TestASidecarThatDies:
    @pytest.fixture
    def process(self, folder):
        """A sidecar in a process of its own, and where it listens."""
        started = subprocess.Popen(  # noqa: S603  # our own command
            [
                *(sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0"),
                *("--policies", str(folder / "policies")),
                *("--envoy", "--envoy-routes", str(folder / "routes.yaml")),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        address = started.stdout.readline().removeprefix("serving on ").strip()
        yield started, address
        started.kill()
        started.wait()
        started.stdout.close()

    def test_in_the_midst_of_a_stream_takes_the_stream_with_it(self, envoys, process, upstream):
        started, address = process
        more = Event()
        text = events(FILLER)
        upstream.says(*text[:30], more, *text[30:], content_type="text/event-stream")
        with httpx.Client(base_url=envoys(address), timeout=30) as client:
            request = asked("hello", stream=True)
            with client.stream("POST", "/v1/chat/completions", json=request) as answer:
                pieces = answer.iter_raw()
                first = next(pieces)
                os.kill(started.pid, signal.SIGKILL)
                started.wait()
                time.sleep(0.2)
                more.set()
                with pytest.raises(httpx.RemoteProtocolError):
                    list(pieces)

            upstream.says(completion("fine"))
            later = chat(client, "hello")

        assert spoken(first)[0]
        assert later.status_code == 500
        assert "fine" not in later.text
        assert upstream.asked == []
