"""A model's server that does as a header says, and a proxy in front of it, each listening."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
import uvicorn

KEY = "k1:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
POLICY = f"""\
policy: tiny
hiding: {{keys: "{KEY}"}}
input:
  - {{check: keywords, with: {{words: [forbidden], category: bad}}, then: block}}
  - {{check: keywords, rule: z, with: {{words: [zephyr], category: confidential}}, then: redact}}
  - check: keywords
    rule: secret
    with: {{words: [quietname], category: secret}}
    then: redact
    redact: {{as: sealed}}
output:
  - {{check: keywords, with: {{words: [forbidden], category: bad}}, then: block}}
  - {{check: keywords, rule: z, with: {{words: [zephyr], category: confidential}}, then: redact}}
replies: {{block: "I can't help with that."}}
"""
STRICT = """\
policy: strict
input:
  - {check: keywords, with: {words: [hello], category: bad}, then: block}
replies: {block: "Not here."}
"""
LONG = """\
policy: long
limits: {characters: 1_000_000_000}
stream: {window: 20_000}
output:
  - {check: keywords, with: {words: [forbidden], category: bad}, then: block}
"""
ROUTING = """\
policy: tiny
rules:
  - {model: strict-*, policy: strict}
policy_header: x-policy
unjudged: [stored]
"""


@dataclass
class Script:
    """What the model's server was asked, and whether its clients left it."""

    url: str = ""
    asked: list = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def body(self):
        return json.loads(self.asked[-1]["body"])


def chunk(delta, finish=None, index=0):
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
    }


def chat_events(words, arguments=()):
    yield chunk({"role": "assistant", "content": ""})
    for word in words:
        yield chunk({"content": word})
    for number, piece in enumerate(arguments):
        head = {"id": "call_1", "type": "function"} if number == 0 else {}
        name = {"name": "f"} if number == 0 else {}
        call = {"index": 0, **head, "function": {**name, "arguments": piece}}
        yield chunk({"tool_calls": [call]})
    yield chunk({}, "tool_calls" if arguments else "stop")
    yield {**chunk({}), "choices": [], "usage": USAGE}


USAGE = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def completion_events(words):
    for word in words:
        yield {
            "id": "cmpl-1",
            "object": "text_completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "text": word, "logprobs": None, "finish_reason": None}],
        }
    yield {
        "id": "cmpl-1",
        "object": "text_completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": "stop"}],
    }


def response(items, status="completed"):
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": "be zephyr-free",
        "metadata": {},
        "model": "m",
        "output": items,
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def message_item(text, status="completed"):
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [part] if status == "completed" else [],
    }


def response_events(words, arguments=()):
    text = "".join(words)
    item = message_item(text)
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    empty = {"type": "output_text", "text": "", "annotations": []}
    items = [item]
    yield {"type": "response.created", "response": response([], "in_progress")}
    added = message_item("", "in_progress")
    yield {"type": "response.output_item.added", "output_index": 0, "item": added}
    yield {"type": "response.content_part.added", **at, "part": empty}
    for word in words:
        yield {"type": "response.output_text.delta", **at, "delta": word, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": text, "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": item["content"][0]}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    if arguments:
        call = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f"}
        whole = {**call, "status": "completed", "arguments": "".join(arguments)}
        there = {"item_id": "fc_1", "output_index": 1}
        begun = {**call, "status": "in_progress", "arguments": ""}
        yield {"type": "response.output_item.added", "output_index": 1, "item": begun}
        for piece in arguments:
            yield {"type": "response.function_call_arguments.delta", **there, "delta": piece}
        done = {"arguments": whole["arguments"], "name": "f"}
        yield {"type": "response.function_call_arguments.done", **there, **done}
        yield {"type": "response.output_item.done", "output_index": 1, "item": whole}
        items.append(whole)
    yield {"type": "response.completed", "response": response(items)}


def message(blocks, reason="end_turn"):
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }


def block_events(words, arguments=(), thoughts=()):
    yield {"type": "message_start", "message": message([], None)}
    yield {"type": "ping"}
    number = 0
    for kind, key, delta, pieces in (
        ("thinking", "thinking", "thinking_delta", thoughts),
        ("text", "text", "text_delta", words),
    ):
        if pieces:
            start = {"type": kind, key: ""}
            yield {"type": "content_block_start", "index": number, "content_block": start}
            for piece in pieces:
                said = {"type": delta, key: piece}
                yield {"type": "content_block_delta", "index": number, "delta": said}
            yield {"type": "content_block_stop", "index": number}
            number += 1
    if arguments:
        use = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
        yield {"type": "content_block_start", "index": number, "content_block": use}
        for piece in arguments:
            said = {"type": "input_json_delta", "partial_json": piece}
            yield {"type": "content_block_delta", "index": number, "delta": said}
        yield {"type": "content_block_stop", "index": number}
    why = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": why, "usage": {"output_tokens": 2}}
    yield {"type": "message_stop"}


EVENTS = {
    "/v1/chat/completions": (chat_events, False),
    "/v1/completions": (completion_events, False),
    "/v1/responses": (response_events, True),
    "/v1/messages": (block_events, True),
}


def as_bytes(events, *, named=False):
    out = b""
    for event in events:
        head = f"event: {event['type']}\n" if named else ""
        out += f"{head}data: {json.dumps(event)}\n\n".encode()
    return out if named else out + b"data: [DONE]\n\n"


def streamed(path, script):
    make, named = EVENTS[path]
    keys = ("arguments", "thoughts")
    more = {key: script[key] for key in keys if key in script}
    return as_bytes(make(script.get("say", ["Hello ", "there."]), **more), named=named)


def whole(path, script):  # noqa: PLR0911  # a line a route
    text = "".join(script.get("say", ["Hello ", "there."])) * script.get("repeat", 1)
    if "answer" in script:
        return script["answer"]
    match path:
        case "/v1/chat/completions":
            said = {"role": "assistant", "content": text, "refusal": None}
            call = {"name": "f", "arguments": "".join(script.get("arguments", ()))}
            if call["arguments"]:
                said["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
            choices = [{"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}]
            head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m"}
            return {**head, "choices": choices, "usage": USAGE}
        case "/v1/completions":
            choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": "stop"}
            head = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m"}
            return {**head, "choices": [choice], "usage": USAGE}
        case "/v1/responses":
            return response([message_item(text)])
        case "/v1/messages":
            return message([{"type": "text", "text": text}])
        case "/v1/embeddings":
            row = {"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}
            return {"object": "list", "data": [row], "model": "m", "usage": USAGE}
        case "/v1/models":
            row = {"id": "m", "object": "model", "created": 1, "owned_by": "us"}
            return {"object": "list", "data": [row]}
    return {"data": []}


async def _answer(scope, receive, send, script):  # noqa: C901, PLR0912, PLR0915  # a line a misdeed
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            break
    headers = {key.decode(): value.decode() for key, value in scope["headers"]}
    script.asked.append({"path": scope["path"], "headers": headers, "body": body})
    wanted = json.loads(headers.get("x-script", "{}"))
    path = scope["path"]
    if wanted.get("mode") == "echo":
        said = json.loads(body)["messages"][-1]["content"]
        wanted["say"] = [said[at : at + 3] for at in range(0, len(said), 3)]

    async def start(kind, status=200):
        sent = [(b"content-type", kind.encode()), (b"x-model-server", b"yes")]
        sent += [(key.encode(), one.encode()) for key, one in wanted.get("headers", {}).items()]
        await send({"type": "http.response.start", "status": status, "headers": sent})

    async def put(piece, *, more=True):
        await send({"type": "http.response.body", "body": piece, "more_body": more})

    mode = wanted.get("mode", "")
    if mode == "error":
        await start("application/json", wanted.get("status", 429))
        await put(b'{"error": {"message": "slow down", "type": "rate", "code": "r"}}', more=False)
    elif mode == "raw":
        await start(wanted.get("kind", "application/json"))
        await put(wanted["raw"].encode(), more=False)
    elif mode == "silent":
        await receive()
        script.left.set()
    elif json.loads(body or b"{}").get("stream"):
        await start("text/event-stream")
        data, size = streamed(path, wanted), wanted.get("size", 1_000_000)
        if mode == "dies":
            await put(data[: len(data) // 2])
            raise RuntimeError("dies")
        if mode == "endless":
            gone = asyncio.create_task(receive())
            event = as_bytes([chunk({"content": "la la la. " * wanted.get("times", 1)})]).partition(
                b"data: ["
            )[0]
            while not gone.done():
                await put(event)
                await asyncio.sleep(0.001)
            script.left.set()
            return
        for at in range(0, len(data), size):
            await put(data[at : at + size])
        await put(b"", more=False)
    else:
        await start("application/json")
        data = json.dumps(whole(path, wanted), indent=1).encode()
        if mode == "dies":
            await put(data[:10])
            raise RuntimeError("dies")
        await put(data, more=False)


@pytest.fixture(scope="session")
def shapes():
    return SimpleNamespace(streamed=streamed, as_bytes=as_bytes, chunk=chunk)


@pytest.fixture(scope="session")
def model_server():
    script = Script()

    async def app(scope, receive, send):
        await _answer(scope, receive, send, script)

    taken = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="none", http="h11")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    yield script
    server.should_exit = server.force_exit = True
    thread.join(10)
    taken.close()


@pytest.fixture
def model(model_server):
    model_server.asked.clear()
    model_server.left.clear()
    return model_server


@contextmanager
def proxying(*arguments):
    command = [sys.executable, "-m", "guardrails.cli", "proxy", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(  # noqa: S603  # our own command
        [*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("serving on http"), process.stderr.read()
            process.url = line.split()[-1]
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="session")
def starting():
    return proxying


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    (folder / "tiny.yaml").write_text(POLICY)
    (folder / "strict.yaml").write_text(STRICT)
    (folder / "long.yaml").write_text(LONG)
    (folder.parent / "routing.yaml").write_text(ROUTING)
    return folder


@pytest.fixture(scope="session")
def url(model_server, folder):
    routing = folder.parent / "routing.yaml"
    arguments = ("--upstream", model_server.url, "--policies", folder, "--routing", routing)
    with proxying(*arguments, "--message-bytes", 100_000, "--idle", 2) as process:
        yield process.url
        process.terminate()
        assert process.wait(20) == 0
