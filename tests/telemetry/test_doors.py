"""Spans begin at the other doors as well: the proxy, and Envoy's."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
import httpx
import pytest

from guardrails.server.config import EnvoyConfig
from guardrails.wire import ext_proc_pb2 as pb

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
CHAT = "POST /v1/chat/completions"
ENVOY = "envoy.service.ext_proc.v3.ExternalProcessor"
ASKED = {"model": "m", "messages": [{"role": "user", "content": "tell me of zephyr"}]}
ANSWER = {
    "id": "x",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "no zephyr"},
            "finish_reason": "stop",
        }
    ],
}


@pytest.fixture
def upstream():
    """A model's server that keeps the headers that it was sent."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(dict(self.headers.items()))
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps(ANSWER).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.asked = asked
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(tmp_path, upstream):
    """Start the command in front of it."""
    (tmp_path / "p.yaml").write_text(
        "policy: p\n"
        "input: [{check: keywords, with: {words: [forbidden]}}]\n"
        "output: [{check: keywords, with: {words: [forbidden]}}]\n"
    )
    running = []

    def start(*more):
        command = [sys.executable, "-m", "guardrails.cli", "proxy", "--policies", str(tmp_path)]
        command += ["--upstream", upstream.url, "--listen", "127.0.0.1:0", *more]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own
        running.append(process)
        return process.stdout.readline().split()[-1]

    yield start
    for process in running:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def test_the_proxy_stands_between_its_client_and_the_models_server(collector, proxy, upstream):
    url = proxy("--traces")
    answer = httpx.post(
        f"{url}/v1/chat/completions", json=ASKED, headers={"traceparent": PARENT}, timeout=30
    )
    found = collector.wait_for(CHAT)

    assert answer.status_code == 200
    [request] = [span for span in found if span.name == CHAT]
    [onward] = [span for span in found if span.name == "upstream"]
    assert request.trace_id.hex() == "a" * 32
    assert request.parent_span_id.hex() == "b" * 16
    assert onward.parent_span_id == request.span_id
    assert onward.kind == onward.SPAN_KIND_CLIENT
    verdicts = [span for span in found if span.name == "verdict"]
    assert [span.parent_span_id for span in verdicts] == [request.span_id] * 2
    assert upstream.asked[0]["traceparent"] == f"00-{'a' * 32}-{onward.span_id.hex()}-01"


def test_the_models_server_is_told_that_a_request_is_not_sampled(collector, proxy, upstream):
    url = proxy("--traces")
    for parent in (f"00-{'c' * 32}-{'d' * 16}-00", PARENT):
        headers = {"traceparent": parent}
        httpx.post(f"{url}/v1/chat/completions", json=ASKED, headers=headers, timeout=30)
    found = collector.wait_for(CHAT)

    assert {span.trace_id.hex() for span in found} == {"a" * 32}
    version, trace_id, _, flags = upstream.asked[0]["traceparent"].split("-")
    assert (version, trace_id, flags) == ("00", "c" * 32, "00")


def test_a_proxy_that_does_not_trace_passes_the_context_on_as_it_came(proxy, upstream):
    url = proxy()
    httpx.post(
        f"{url}/v1/chat/completions", json=ASKED, headers={"traceparent": PARENT}, timeout=30
    )

    assert upstream.asked[0]["traceparent"] == PARENT


def test_paths_and_methods_of_strangers_are_in_no_name_of_a_span(collector, proxy):
    url = proxy("--traces")
    with httpx.Client(timeout=30) as client:
        client.request("HUNTER2", f"{url}/hunter2")
        client.get(f"{url}/hunter2?hunter2=1")
    collector.wait_for("HTTP", "GET")

    assert b"hunter2" not in b"".join(one.SerializeToString() for one in collector.requests).lower()


def exchange(address, headers, metadata=()):
    told = pb.HttpHeaders(
        headers=pb.HeaderMap(
            headers=[pb.HeaderValue(key=key, raw_value=value.encode()) for key, value in headers]
        )
    )
    first = pb.ProcessingRequest(
        request_headers=told,
        protocol_config=pb.ProtocolConfiguration(
            request_body_mode=pb.BodySendMode.Value("BUFFERED"),
            response_body_mode=pb.BodySendMode.Value("BUFFERED"),
        ),
    )
    body = pb.ProcessingRequest(
        request_body=pb.HttpBody(body=json.dumps(ASKED).encode(), end_of_stream=True)
    )
    with grpc.insecure_channel(address) as channel:
        call = channel.stream_stream(
            f"/{ENVOY}/Process",
            request_serializer=pb.ProcessingRequest.SerializeToString,
            response_deserializer=pb.ProcessingResponse.FromString,
        )
        return list(call(iter([first, body]), metadata=metadata))


@pytest.mark.parametrize(
    ("headers", "metadata", "trace_id", "parent"),
    [
        ([("traceparent", PARENT)], (), "a" * 32, "b" * 16),
        ([], (("traceparent", PARENT),), "a" * 32, "b" * 16),
        (  # a gateway that traces: its own span is nearer than the one that its client named
            [("traceparent", f"00-{'c' * 32}-{'d' * 16}-01")],
            (("traceparent", PARENT),),
            "a" * 32,
            "b" * 16,
        ),
    ],
)
def test_an_exchange_with_envoy_is_below_who_asked(
    collector, traced, tmp_path, headers, metadata, trace_id, parent
):
    (tmp_path / "p.yaml").write_text(
        "policy: p\ninput: [{check: keywords, with: {words: [forbidden]}}]\n"
    )
    asked = [(":method", "POST"), (":path", "/v1/chat/completions")]
    asked += [("content-type", "application/json"), *headers]
    answers = exchange(traced(tmp_path, envoy=EnvoyConfig()).address, asked, metadata)
    found = collector.wait_for(ENVOY)

    assert len(answers) == 2
    [request] = [span for span in found if span.name == ENVOY]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (trace_id, parent)
    assert "verdict" in {span.name for span in found if span.parent_span_id == request.span_id}
