"""Answers that are withheld, in the shapes that official clients understand. Pure."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WITHHELD = "This was withheld by policy."
"""What is said where a policy has no reply."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said in the place of an answer, and the decision behind it."""

    decision: str
    reply: str = WITHHELD
    model: str = ""


def chat(refusal: Refusal) -> dict[str, Any]:
    """Give a chat completion."""
    return {
        "id": f"chatcmpl-{refusal.decision}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": refusal.model,
        "choices": [chat_choice(refusal, 0)],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }


def chat_choice(refusal: Refusal, index: int) -> dict[str, Any]:
    """Give a choice of a chat completion."""
    message = {"role": "assistant", "content": refusal.reply, "refusal": refusal.reply}
    return {
        "index": index,
        "message": message,
        "logprobs": None,
        "finish_reason": "content_filter",
    }


def chat_chunks(refusal: Refusal) -> Iterator[dict[str, Any]]:
    """Give a chat completion in chunks."""
    whole = chat(refusal)
    base = {**whole, "object": "chat.completion.chunk"}
    del base["usage"]
    said = {"role": "assistant", "content": refusal.reply, "refusal": refusal.reply}
    yield {**base, "choices": [{"index": 0, "delta": said, "finish_reason": None}]}
    yield {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}


def completion(refusal: Refusal) -> dict[str, Any]:
    """Give a completion of the older kind."""
    return {
        "id": f"cmpl-{refusal.decision}",
        "object": "text_completion",
        "created": int(time.time()),
        "model": refusal.model,
        "choices": [completion_choice(refusal, 0)],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }


def completion_choice(refusal: Refusal, index: int) -> dict[str, Any]:
    """Give a choice of a completion."""
    return {
        "index": index,
        "text": refusal.reply,
        "logprobs": None,
        "finish_reason": "content_filter",
    }


def completion_chunks(refusal: Refusal) -> Iterator[dict[str, Any]]:
    """Give a completion in chunks; they have the shape of the whole."""
    whole = completion(refusal)
    del whole["usage"]
    yield whole


def response(refusal: Refusal, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give a response of the Responses API, with what a ``base`` says of it."""
    empty: dict[str, Any] = {
        "id": f"resp_{refusal.decision}",
        "object": "response",
        "created_at": int(time.time()),
        "error": None,
        "instructions": None,
        "metadata": {},
        "model": refusal.model,
        "parallel_tool_calls": True,
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
    }
    return {
        **(empty if base is None else base),
        "status": "incomplete",
        "incomplete_details": {"reason": "content_filter"},
        "output": [_item(refusal)],
    }


def _item(refusal: Refusal) -> dict[str, Any]:
    return {
        "id": f"msg_{refusal.decision}",
        "type": "message",
        "role": "assistant",
        "status": "incomplete",
        "content": [
            {"type": "output_text", "text": refusal.reply, "annotations": []},
            {"type": "refusal", "refusal": refusal.reply},
        ],
    }


def response_events(
    refusal: Refusal, base: Mapping[str, Any] | None = None, number: int = 0
) -> Iterator[dict[str, Any]]:
    """Give the events of a response, or the one that ends it where it has begun as ``base``."""
    whole = response(refusal, base)
    if base is None:
        begun = {**whole, "status": "in_progress", "incomplete_details": None, "output": []}
        yield {"type": "response.created", "sequence_number": number, "response": begun}
        yield from item_events(refusal, 0, number + 1)
    number += ITEM_EVENTS + 1
    yield {"type": "response.incomplete", "sequence_number": number, "response": whole}


ITEM_EVENTS = 6


def item_events(refusal: Refusal, index: int, number: int) -> Iterator[dict[str, Any]]:
    """Give the events of one message in a response."""
    item = _item(refusal)
    item["content"] = item["content"][:1]
    part = item["content"][0]
    here = {"item_id": item["id"], "output_index": index, "content_index": 0}
    open_item = {**item, "status": "in_progress", "content": []}
    events: Sequence[dict[str, Any]] = (
        {"type": "response.output_item.added", "output_index": index, "item": open_item},
        {"type": "response.content_part.added", **here, "part": {**part, "text": ""}},
        {"type": "response.output_text.delta", **here, "delta": refusal.reply, "logprobs": []},
        {"type": "response.output_text.done", **here, "text": refusal.reply, "logprobs": []},
        {"type": "response.content_part.done", **here, "part": part},
        {"type": "response.output_item.done", "output_index": index, "item": item},
    )
    for offset, event in enumerate(events):
        yield {**event, "sequence_number": number + offset}


def message(refusal: Refusal) -> dict[str, Any]:
    """Give a message of the Messages API."""
    return {
        "id": f"msg_{refusal.decision}",
        "type": "message",
        "role": "assistant",
        "model": refusal.model,
        "content": [{"type": "text", "text": refusal.reply}],
        "stop_reason": "refusal",
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def message_events(refusal: Refusal) -> Iterator[dict[str, Any]]:
    """Give the events of a message."""
    begun = {**message(refusal), "content": [], "stop_reason": None}
    yield {"type": "message_start", "message": begun}
    yield from message_end(refusal, 0)


def message_end(refusal: Refusal, block: int) -> Iterator[dict[str, Any]]:
    """Give the events that say the reply in a block of its own, and end a message."""
    empty = {"type": "text", "text": ""}
    said = {"type": "text_delta", "text": refusal.reply}
    why = {"stop_reason": "refusal", "stop_sequence": None}
    yield {"type": "content_block_start", "index": block, "content_block": empty}
    yield {"type": "content_block_delta", "index": block, "delta": said}
    yield {"type": "content_block_stop", "index": block}
    yield {"type": "message_delta", "delta": why, "usage": {"output_tokens": 0}}
    yield {"type": "message_stop"}


def error(message: str, code: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """Give an error in the form of OpenAI, which Anthropic's clients read as well."""
    told = {"message": message, "type": kind, "param": None, "code": code}
    return {"type": "error", "error": told}
