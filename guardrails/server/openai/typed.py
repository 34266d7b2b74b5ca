"""How the Responses and the Messages API stream: in events that have a type. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from guardrails.core.errors import ContentError
from guardrails.server.openai import refusals
from guardrails.server.openai.refusals import Refusal
from guardrails.server.openai.steps import Slot, Step, Turn, clean, found
from guardrails.wire.messages import Kind, Unjudged

NAMES = frozenset({"type", "item_id", "response_id", "event_id", "obfuscation", "sequence_number"})
"""Keys of an event that name things."""
ITEM_NAMES = NAMES | {"response"}

SPOKEN = frozenset(
    {
        "response.output_text.delta",
        "response.refusal.delta",
        "response.reasoning_text.delta",
        "response.reasoning_summary_text.delta",
    }
)
ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
WHERE = ("output_index", "content_index", "summary_index")
PICTURES = "response.image_generation_call.partial_image"
SOUNDS = frozenset({"response.audio.delta", "response.output_audio.delta"})


class Items:
    """The events of the Responses API."""

    ordered = True
    named = True

    def __init__(self) -> None:
        self._base: Mapping[str, Any] | None = None
        self._open: Mapping[str, Any] | None = None
        self._said = False
        self._items = 0
        self._number = -1

    def steps(self, body: dict[str, Any], raw: bytes) -> Iterator[Step]:
        """Tell what an event means."""
        body, raw = clean(body, raw)
        kind = body.get("type")
        if kind == "error":
            yield Step(body, Turn.FAILED, raw=raw)
        elif kind in SPOKEN:
            yield Step(body, Turn.NOW, 0, (_delta(body),), says=False, raw=raw)
        elif kind == PICTURES or kind in SOUNDS:
            cannot = Kind.PICTURE if kind == PICTURES else Kind.SOUND
            yield Step(body, Turn.HOLD, 0, (), (Unjudged((), cannot),), raw=raw)
        elif isinstance(kind, str) and kind.endswith(".delta") and body.get("delta"):
            yield Step(body, Turn.HOLD, 0, (_delta(body),), raw=raw)
        else:
            yield self._other(body, raw)

    def sent(self, body: Mapping[str, Any]) -> None:
        """Note how the response began, which words are open, and how far the numbers are."""
        match body:
            case {"type": "response.created", "response": response}:
                self._base = response
            case {"type": "response.output_item.added"}:
                self._items += 1
            case {"type": "response.content_part.added", "part": {"type": "output_text"}}:
                self._open, self._said = body, False
            case {"type": "response.output_text.delta"}:
                self._said = True
            case {"type": "response.content_part.done"}:
                self._open = None
        number = body.get("sequence_number")
        self._number = number if isinstance(number, int) else self._number

    def closing(self, refusal: Refusal, lane: int) -> Iterator[dict[str, Any]]:  # noqa: ARG002  # there is one
        """Say the reply where words are open, or in an item of its own, and end the response."""
        number = self._number + 1
        if self._base is not None and self._open is None:
            yield from refusals.item_events(refusal, self._items, number)
        elif self._open is not None:
            where = {key: self._open.get(key) for key in ("item_id", *WHERE[:2])}
            reply = f"\n\n{refusal.reply}" if self._said else refusal.reply
            event = {"type": "response.output_text.delta", **where, "delta": reply}
            yield {**event, "logprobs": [], "sequence_number": number}
        yield from refusals.response_events(refusal, self._base, number)

    def _other(self, body: dict[str, Any], raw: bytes) -> Step:
        rest = {key: one for key, one in body.items() if key not in ITEM_NAMES}
        slots, unjudged = found(rest, ())
        response = body.get("response")
        if isinstance(response, Mapping):
            more, cannot = found(response.get("output"), ("response", "output"))
            slots, unjudged = (*slots, *more), (*unjudged, *cannot)
        turn = Turn.HOLD if slots or unjudged or _is_call(body) else Turn.NOW
        if body.get("type") in ENDS:
            turn = Turn.END
        return Step(body, turn, 0, slots, unjudged, raw=raw)


def _delta(body: Mapping[str, Any]) -> Slot:
    text = body.get("delta")
    if not isinstance(text, str):
        raise ContentError("the delta of an event is no text")
    return Slot(("delta",), text, (body["type"], *(body.get(key) for key in WHERE)))


def _is_call(body: Mapping[str, Any]) -> bool:
    match body:
        case {"item": {"type": str(kind)}}:
            return kind not in {"message", "reasoning"}
    return False


class Blocks:
    """The events of the Messages API."""

    ordered = True
    named = True

    def __init__(self) -> None:
        self._begun = False
        self._next = 0
        self._open: Mapping[str, Any] | None = None
        self._said = False

    def steps(self, body: dict[str, Any], raw: bytes) -> Iterator[Step]:
        """Tell what an event means."""
        match body:
            case {"type": "error"}:
                yield Step(body, Turn.FAILED, raw=raw)
            case {"type": "ping"}:
                yield Step({"type": "ping"}, Turn.NOW)
            case {"type": "message_stop"}:
                yield Step(body, Turn.END, raw=raw)
            case {
                "type": "content_block_delta",
                "index": int(index),
                "delta": {
                    "type": "text_delta" | "thinking_delta" | "input_json_delta" as kind
                } as delta,
            }:
                yield _block_delta(body, index, kind, delta, raw)
            case {"type": str(kind)}:
                yield self._other(body, kind, raw)
            case _:
                raise ContentError("an event has no type")

    def sent(self, body: Mapping[str, Any]) -> None:
        """Note how far the message is, and which block is open."""
        match body:
            case {"type": "message_start"}:
                self._begun = True
            case {"type": "content_block_start", "index": int(index)}:
                self._open, self._next, self._said = body, index + 1, False
            case {"type": "content_block_delta"}:
                self._said = True
            case {"type": "content_block_stop"}:
                self._open = None

    def closing(self, refusal: Refusal, lane: int) -> Iterator[dict[str, Any]]:  # noqa: ARG002  # there is one
        """Say the reply in the block that is open, or, if that is no text, in a new one; end."""
        if not self._begun:
            yield from refusals.message_events(refusal)
            return
        events = refusals.message_end(refusal, self._next)
        match self._open:
            case {"content_block": {"type": "text"}, "index": int(index)}:
                told = f"\n\n{refusal.reply}" if self._said else refusal.reply
                events = refusals.message_end(replace(refusal, reply=told), index)
                next(events)  # it has started
            case {"index": int(index)}:
                yield {"type": "content_block_stop", "index": index}
        yield from events

    def _other(self, body: dict[str, Any], kind: str, raw: bytes) -> Step:
        slots, unjudged = found({key: one for key, one in body.items() if key not in NAMES}, ())
        match body:
            case {"type": "message_start", "message": dict(message)}:
                slots, unjudged = found(message.get("content"), ("message", "content"))
            case {"type": "message_delta"}:
                slots, unjudged = (), ()
        waits = kind not in {"message_start", "content_block_start"} or _is_use(body)
        turn = Turn.HOLD if slots or unjudged or waits else Turn.NOW
        return Step(body, turn, 0, slots, unjudged, raw=raw)


def _block_delta(
    body: dict[str, Any], index: int, kind: str, delta: Mapping[str, Any], raw: bytes
) -> Step:
    key = {"text_delta": "text", "thinking_delta": "thinking"}.get(kind, "partial_json")
    text = delta.get(key)
    if not isinstance(text, str):
        raise ContentError("the delta of an event is no text")
    turn = Turn.HOLD if key == "partial_json" else Turn.NOW
    return Step(body, turn, 0, (Slot(("delta", key), text, (index, key)),), says=False, raw=raw)


def _is_use(body: Mapping[str, Any]) -> bool:
    match body:
        case {"content_block": {"type": str(kind)}}:
            return kind not in {"text", "thinking"}
    return False
