"""How each route of the model APIs says a case, and what is to be read in what comes of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guardrails.core.content import Image, Surface, Text
from tests.doors.table import DATA, PICTURE, URL, Case
from tests.server.openai.conftest import message, message_item, response, streamed, whole

S = Surface
ROLES = {S.SYSTEM: "system", S.USER: "user", S.ASSISTANT: "assistant", S.TOOL: "tool"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One route: what it can carry, how a request and a response say it, and how they are read."""

    path: str
    ask: Callable[[Case], dict[str, Any]]
    got: Callable[[dict[str, Any]], list[str]]
    say: Callable[[str, str], dict[str, Any]]
    said: Callable[[dict[str, Any]], list[str]]
    spoken: Callable[[list[dict[str, Any]]], list[str]] | None = None
    surfaces: frozenset[Surface] = frozenset({S.USER})
    calls: bool = False
    pictures: bool = False
    answers: bool = True

    def carries(self, case: Case) -> bool:
        """Whether a case can be said, but for the surfaces that the route has no place for."""
        return (self.calls or not case.call) and (self.pictures or not case.picture)

    def prompt(self, case: Case) -> tuple[Text | Image, ...]:
        """Give the parts of a prompt."""
        parts = tuple(Text(text, who) for who, text in case.asked if who in self.surfaces)
        return (*parts, Image(PICTURE)) if case.picture else parts

    def stream(self, text: str, case: Case) -> bytes:
        """Give a whole stream of events that say an answer."""
        pieces = [text[at : at + case.size] for at in range(0, len(text), case.size)]
        pieces = pieces if pieces or case.call else [""]
        call = [case.call[at : at + case.size] for at in range(0, len(case.call), case.size)]
        return streamed(self.path, {"say": pieces, "arguments": call} if call else {"say": pieces})


def messages(case: Case) -> list[dict[str, Any]]:
    """Say the prompt as OpenAI's chat messages."""
    made: list[dict[str, Any]] = [
        {"role": ROLES[who], "content": text}
        | ({"tool_call_id": "call_1"} if who is S.TOOL else {})
        for who, text in case.asked
        if who in ROLES
    ]
    if case.picture:
        text = {"type": "text", "text": made[-1]["content"]}
        made[-1]["content"] = [text, {"type": "image_url", "image_url": {"url": URL}}]
    return made


def _user(case: Case) -> str:
    return next(text for who, text in case.asked if who is S.USER)


def _chat(case: Case) -> dict[str, Any]:
    papers = [{"text": text} for who, text in case.asked if who is S.DOCUMENT]
    return {"messages": messages(case), **({"documents": papers} if papers else {})}


def _text(content: Any) -> str:
    """Give what is said in a message, beside its picture."""
    return content if isinstance(content, str) else content[0].get("text", "")


def _chat_got(body: dict[str, Any]) -> list[str]:
    texts = [_text(one["content"]) for one in body["messages"]]
    return [*texts, *(one["text"] for one in body.get("documents", ()))]


def _chat_say(text: str, call: str) -> dict[str, Any]:
    body = whole("/v1/chat/completions", {"say": [text], "arguments": [call]})
    if not text and call:
        body["choices"][0]["message"]["content"] = None
    return body


def _chat_said(body: dict[str, Any]) -> list[str]:
    said = body["choices"][0]["message"]
    calls = [one["function"]["arguments"] for one in said.get("tool_calls") or ()]
    return [*([said["content"]] if said["content"] is not None else []), *calls]


def _chat_spoken(events: list[dict[str, Any]]) -> list[str]:
    deltas = [one["delta"] for event in events for one in event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls") or ()]
    text = "".join(delta.get("content") or "" for delta in deltas)
    arguments = "".join(call["function"].get("arguments") or "" for call in calls)
    return [*([text] if text or not calls else []), *([arguments] if calls else [])]


def _responses(case: Case) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for who, text in case.asked:
        if who is S.TOOL:
            items.append({"type": "function_call_output", "call_id": "call_1", "output": text})
        elif who in ROLES:
            items.append({"role": ROLES[who], "content": text})
    if case.picture:
        text = {"type": "input_text", "text": items[-1]["content"]}
        items[-1]["content"] = [text, {"type": "input_image", "image_url": URL}]
    return {"input": items}


def _responses_say(text: str, call: str) -> dict[str, Any]:
    named = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f"}
    calls = [{**named, "status": "completed", "arguments": call}] if call else []
    items = [message_item(text)] if text or not call else []
    return response([*items, *calls])


def _responses_said(body: dict[str, Any]) -> list[str]:
    return [
        one["arguments"] if "arguments" in one else one["content"][0]["text"]
        for one in body["output"]
    ]


def _responses_spoken(events: list[dict[str, Any]]) -> list[str]:
    """Read what is said piece by piece; the last event says it once more."""
    text = _joined(events, "response.output_text.delta")
    calls = _joined(events, "response.function_call_arguments.delta")
    return [*([text] if text or not calls else []), *([calls] if calls else [])]


def _joined(events: list[dict[str, Any]], kind: str) -> str:
    return "".join(one["delta"] for one in events if one["type"] == kind)


def _blocks(case: Case) -> dict[str, Any]:
    made: list[dict[str, Any]] = []
    for who, text in case.asked:
        if who is S.TOOL:
            block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": text}
            made.append({"role": "user", "content": [block]})
        elif who in {S.USER, S.ASSISTANT}:
            made.append({"role": ROLES[who], "content": text})
    if case.picture:
        text = {"type": "text", "text": made[-1]["content"]}
        source = {"type": "base64", "media_type": "image/png", "data": DATA}
        made[-1]["content"] = [text, {"type": "image", "source": source}]
    system = [text for who, text in case.asked if who is S.SYSTEM]
    return {**({"system": system[0]} if system else {}), "max_tokens": 9, "messages": made}


def _blocks_got(body: dict[str, Any]) -> list[str]:
    texts = [
        one[0]["content"] if isinstance(one, list) and "content" in one[0] else _text(one)
        for one in (each["content"] for each in body["messages"])
    ]
    return [*([body["system"]] if "system" in body else []), *texts]


def _blocks_say(text: str, call: str) -> dict[str, Any]:
    use = {"type": "tool_use", "id": "toolu_1", "name": "f"}
    calls = [{**use, "input": json.loads(call)}] if call else []
    blocks = [{"type": "text", "text": text}] if text or not call else []
    return message([*blocks, *calls])


def _blocks_said(body: dict[str, Any]) -> list[str]:
    return [
        text
        for one in body["content"]
        for text in (one["input"].values() if "input" in one else [one["text"]])
    ]


def _blocks_spoken(events: list[dict[str, Any]]) -> list[str]:
    deltas = [one["delta"] for one in events if one["type"] == "content_block_delta"]
    calls = "".join(one.get("partial_json", "") for one in deltas)
    text = "".join(one.get("text", "") for one in deltas)
    return [*([text] if text or not calls else []), *([calls] if calls else [])]


CHAT = Shape(
    "/v1/chat/completions",
    _chat,
    _chat_got,
    _chat_say,
    _chat_said,
    _chat_spoken,
    frozenset(Surface),
    calls=True,
    pictures=True,
)
COMPLETIONS = Shape(
    "/v1/completions",
    lambda case: {"prompt": _user(case)},
    lambda body: [body["prompt"]],
    lambda text, _: whole("/v1/completions", {"say": [text]}),
    lambda body: [body["choices"][0]["text"]],
    lambda events: ["".join(one["choices"][0]["text"] for one in events)],
)
RESPONSES = Shape(
    "/v1/responses",
    _responses,
    lambda body: [_text(one.get("content", one.get("output"))) for one in body["input"]],
    _responses_say,
    _responses_said,
    _responses_spoken,
    frozenset(ROLES),
    calls=True,
    pictures=True,
)
MESSAGES = Shape(
    "/v1/messages",
    _blocks,
    _blocks_got,
    _blocks_say,
    _blocks_said,
    _blocks_spoken,
    frozenset(ROLES),
    calls=True,
    pictures=True,
)
IMAGES = Shape(
    "/v1/images/generations",
    lambda case: {"prompt": _user(case)},
    lambda body: [body["prompt"]],
    lambda text, _: {"created": 1, "data": [{"revised_prompt": text}]},
    lambda body: [body["data"][0]["revised_prompt"]],
)
EMBEDDINGS = Shape(
    "/v1/embeddings",
    lambda case: {"input": _user(case)},
    lambda body: [body["input"]],
    lambda *_: whole("/v1/embeddings", {}),
    lambda _: [],
    answers=False,
)
SHAPES = {one.path: one for one in (CHAT, COMPLETIONS, RESPONSES, MESSAGES, IMAGES, EMBEDDINGS)}
