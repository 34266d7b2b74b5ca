"""Lines of logs, as text and as JSON; whatever happens, none holds what a user wrote."""

import json
import logging
import subprocess
import sys

import grpc
import httpx
import pytest

from guardrails.client import Client
from guardrails.core.content import Content, Image, prompt
from guardrails.core.errors import GuardrailsError
from guardrails.telemetry import logs, spans
from guardrails.telemetry.logs import Format, Lines, formatter
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

SECRET = "hunter2"
HOSTILE = [
    SECRET,
    f"{SECRET}\n{{}}%s\x00\u202e\U0001f600",
    f'{SECRET}", "level": "fatal"',
    SECRET * 30_000,
]
POLICY = """
policy: p
input:
  - check: keywords
    with: {words: [forbidden]}
  - check: toxicity
"""


def line(format_: Format, logger: str, message: str, *values, error=None, **extra) -> str:
    told = (type(error), error, error.__traceback__) if error is not None else None
    record = logging.LogRecord(logger, logging.WARNING, "x.py", 1, message, values, told)
    record.__dict__.update(extra)
    return formatter(format_).format(record)


def raised() -> ValueError:
    try:
        int(SECRET)  # its message names what it was given
    except ValueError as error:
        return error
    raise AssertionError


def test_text_is_as_it_always_was():
    written = line(
        Format.TEXT, "guardrails.server", "error %s: %s", "1f", "INTERNAL", error_id="1f"
    )

    assert written == "WARNING guardrails.server error 1f: INTERNAL"


def test_json_has_what_is_known_in_order():
    written = json.loads(
        line(Format.JSON, "guardrails.server", "error %s: %s", "1f", "INTERNAL", error_id="1f")
    )

    assert list(written) == ["time", "level", "logger", "event", "error_id"]
    assert written["level"] == "warning"
    assert written["event"] == "error 1f: INTERNAL"
    assert written["error_id"] == "1f"
    assert written["time"].endswith("Z")


@pytest.mark.parametrize("format_", Format)
def test_of_an_error_its_kind_and_its_place_are_told(format_):
    written = line(format_, "asyncio", f"it failed\nfuture: <Task {SECRET}>", error=raised())

    assert "ValueError at " in written
    assert "test_logs.py:" in written
    assert SECRET not in written
    assert "\n" not in written


@pytest.mark.parametrize("format_", Format)
def test_a_line_that_cannot_be_written_is_named_and_not_shown(format_, capsys):
    handler = Lines(sys.stderr)
    handler.setFormatter(formatter(format_))
    handler.handle(logging.LogRecord("x", logging.ERROR, "y.py", 7, "%d", (SECRET,), None))
    written = capsys.readouterr().err

    assert "a line from y.py:7 cannot be written" in written
    assert SECRET not in written


def test_json_tells_the_trace_in_which_it_happened():
    class Traced(spans.Untraced):
        def trace_id(self):
            return "ab" * 16

    with spans.traced(Traced()):
        written = json.loads(line(Format.JSON, "guardrails.server", "x"))

    assert written["trace_id"] == "ab" * 16


def test_who_has_set_logging_up_keeps_it():
    there = list(logging.getLogger().handlers)
    logs.set_up(Format.JSON, verbose=False)

    assert logging.getLogger().handlers == there


def hostile_calls(address):
    """Send what is bad in every way that there is, and what is fine."""
    with Client(address) as client:
        for text in HOSTILE:
            client.evaluate(prompt(text), policy="p")
            with pytest.raises(GuardrailsError):
                client.evaluate(prompt(text), policy=text[:100])
        with pytest.raises(GuardrailsError):
            client.evaluate(Content(()), policy="p")
        client.evaluate(Content((Image(SECRET.encode()),)), policy="p")
    with grpc.insecure_channel(address) as channel:
        raw = channel.unary_unary("/guardrails.v1.Guardrails/Evaluate")
        for message in (SECRET.encode(), b"\xff" * 10 + SECRET.encode()):
            with pytest.raises(grpc.RpcError):
                raw(message)
        with pytest.raises(grpc.RpcError):
            GuardrailsStub(channel).Evaluate(
                pb.EvaluateRequest(policy="p", parts=[pb.Part(text=SECRET)]),
                metadata=(("traceparent", SECRET), ("x", SECRET)),
            )


@pytest.mark.parametrize("place", ["before", "behind"])
def test_a_sidecar_logs_json_alone_and_nothing_that_it_was_sent(
    serving, collector, tmp_path, place
):
    (tmp_path / "p.yaml").write_text(POLICY)
    collector.status = grpc.StatusCode.INVALID_ARGUMENT  # the exporter complains of it
    options = ("--log-format", "json")
    before = ("--verbose", *(options if place == "before" else ()))
    behind = options if place == "behind" else ()
    sidecar = serving("serve", "--policies", str(tmp_path), "--traces", *behind, before=before)
    hostile_calls(sidecar.address)
    written, told = sidecar.ended()
    records = [json.loads(each) for each in told.splitlines()]

    assert SECRET not in written + told
    assert all({"time", "level", "logger", "event"} <= set(record) for record in records)
    refused = [record for record in records if "error_id" in record]
    assert len(refused) >= 7
    assert all(len(record["trace_id"]) == 32 for record in refused)
    assert any(record["logger"].startswith("opentelemetry") for record in records)


def test_a_proxy_logs_json_alone_and_nothing_that_it_was_sent(serving, tmp_path):
    (tmp_path / "p.yaml").write_text(POLICY)
    arguments = ["--policies", str(tmp_path), "--upstream", "http://127.0.0.1:1"]
    proxy = serving("proxy", *arguments, before=("--verbose", "--log-format", "json"))
    with httpx.Client(base_url=proxy.address, timeout=30) as client:
        for text in HOSTILE:
            asked = {"model": text[:50], "messages": [{"role": "user", "content": text}]}
            client.post("/v1/chat/completions", json=asked)
            client.post("/v1/chat/completions", content=text.encode())
            client.get(f"/{SECRET}", headers={"traceparent": SECRET})
    written, told = proxy.ended()

    assert SECRET not in written + told
    assert [json.loads(each)["level"] for each in told.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--log-format", "xml", "models", "list"], 2, "invalid choice: 'xml'"),
        (
            ["serve", "--policies", "x", "--watts-per-core", "0"],
            2,
            "'0' is out of range, give more than 0 watts",
        ),
        (
            ["serve", "--policies", "x", "--watts-per-core", "nan"],
            2,
            "'nan' is out of range, give more than 0 watts",
        ),
        (
            ["serve", "--policies", "x", "--watts-per-core", "hot"],
            2,
            "'hot' is no number of watts",
        ),
    ],
)
def test_options_that_mean_nothing_are_refused(arguments, code, message):
    command = [sys.executable, "-m", "guardrails.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  # our own

    assert done.returncode == code
    assert message in done.stderr
