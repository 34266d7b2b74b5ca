"""How chat completions and older completions are streamed: in chunks that hold choices. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from guardrails.core.errors import ContentError
from guardrails.server.openai import refusals
from guardrails.server.openai.answers import CHOICE_KNOWN, TOP_KNOWN
from guardrails.server.openai.refusals import Refusal
from guardrails.server.openai.steps import Slot, Step, Turn, clean, found
from guardrails.wire.messages import Path

SPOKEN = frozenset({"content", "refusal", "reasoning", "reasoning_content"})
"""Keys whose text is shown as it comes; the rest of a delta waits for the verdict."""
CALLS = frozenset({"tool_calls", "function_call"})


class Choices:
    """Chunks with choices, in each a ``delta``, or a ``text`` in the ``older`` API."""

    ordered = False
    named = False

    def __init__(self, *, older: bool = False) -> None:
        self._older = older
        self._base: dict[str, Any] = {}
        self._begun: set[int] = set()
        self._said: set[int] = set()

    def steps(self, body: dict[str, Any], raw: bytes) -> Iterator[Step]:
        """Take a chunk apart, by choice and by what may go out when."""
        if body.get("error"):
            yield Step(body, Turn.FAILED, raw=raw)
            return
        body, raw = clean(body, raw)
        choices = body.get("choices")
        if not isinstance(choices, list):
            raise ContentError("an event has no 'choices'")
        known = {key: one for key, one in body.items() if key in TOP_KNOWN}
        extra = {key: one for key, one in body.items() if key not in TOP_KNOWN and one}
        self._base = {
            key: known[key] for key in ("id", "object", "created", "model") if key in known
        }
        for choice in choices:
            yield from self._choice({**known, **extra}, choice, raw if len(choices) == 1 else b"")
            extra = {}
        if not choices:
            turn = Turn.HOLD if extra else Turn.LAST
            yield Step(body, turn, 0, *found(extra, ()), raw=raw)

    def sent(self, body: Mapping[str, Any]) -> None:
        """Note which choices have begun, and which have said something."""
        for choice in body.get("choices", ()):
            self._begun.add(choice["index"])
            delta = choice if self._older else choice.get("delta") or {}
            if any(delta.get(key) for key in ("text", "content")):
                self._said.add(choice["index"])

    def closing(self, refusal: Refusal, lane: int) -> Iterator[dict[str, Any]]:
        """Say the reply, and why it ends."""
        make = refusals.completion_chunks if self._older else refusals.chat_chunks
        told = refusal
        if lane in self._said:
            told = replace(refusal, reply=f"\n\n{refusal.reply}")
        for chunk in make(told):
            for choice in chunk["choices"]:
                choice["index"] = lane
                if lane in self._begun:
                    choice.get("delta", {}).pop("role", None)
                if choice.get("delta", {}).get("refusal"):
                    choice["delta"]["refusal"] = refusal.reply
            yield {**chunk, **self._base}

    def _choice(self, top: dict[str, Any], choice: Any, raw: bytes) -> Iterator[Step]:
        lane, delta = self._delta(choice)
        rest = {key: one for key, one in choice.items() if key not in {"delta", "text"}}
        ended = rest.get("finish_reason")
        spoken = {key: one for key, one in delta.items() if self._is_spoken(key, one)}
        quiet = {key: one for key, one in delta.items() if key == "role" or not one}
        told = {key: one for key, one in delta.items() if key not in spoken and key not in quiet}
        odd = {key: one for key, one in rest.items() if key not in CHOICE_KNOWN and one}
        extra = {key: one for key, one in top.items() if key not in TOP_KNOWN}
        waits = bool(told or odd or extra)
        if bool(spoken) + waits + (ended is not None) > 1:
            raw = b""

        def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
            shown = {"text": "", **delta} if self._older else {"delta": delta}
            plain = {key: one for key, one in rest.items() if key not in odd}
            here = {**plain, "finish_reason": None, **more, **shown}
            return {**top, "choices": [here]} if more else {**_known(top), "choices": [here]}

        if spoken or not (waits or ended is not None):
            slots = tuple(Slot((*self._at, key), one, key) for key, one in spoken.items())
            first = "role" in delta and lane not in self._begun
            says = first or not spoken
            yield Step(chunk({**quiet, **spoken}), Turn.NOW, lane, slots, says=says, raw=raw)
        if waits:
            body = chunk({**({} if spoken else quiet), **told}, finish_reason=None, **odd)
            yield Step(body, Turn.HOLD, lane, *self._waiting(body, odd, extra), raw=raw)
        if ended is not None:
            left = {} if spoken or waits else quiet
            yield Step({**_known(top), **_one(chunk(left), ended)}, Turn.END, lane, raw=raw)

    @property
    def _at(self) -> Path:
        return ("choices", 0) if self._older else ("choices", 0, "delta")

    def _delta(self, choice: Any) -> tuple[int, dict[str, Any]]:
        match choice:
            case {"index": int(lane), "text": str(text)} if self._older:
                return lane, {"text": text}
            case {"index": int(lane), "delta": dict(delta)} if not self._older:
                return lane, delta
            case {"index": int(lane)}:
                return lane, {}
        raise ContentError("a choice of an event has no index")

    def _is_spoken(self, key: str, value: Any) -> bool:
        known = key == "text" if self._older else key in SPOKEN
        return known and isinstance(value, str) and value != ""

    def _waiting(
        self, body: dict[str, Any], odd: dict[str, Any], extra: dict[str, Any]
    ) -> tuple[Any, Any]:
        choice = body["choices"][0]
        slots, unjudged = found(choice.get("delta"), self._at)
        for value, path in ((odd, ("choices", 0)), (extra, ())):
            more, cannot = found(value, path)
            slots, unjudged = (*slots, *more), (*unjudged, *cannot)
        return tuple(_of_call(slot, body) for slot in slots), unjudged


def _known(top: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in top.items() if key in TOP_KNOWN}


def _one(chunk: dict[str, Any], ended: Any) -> dict[str, Any]:
    return {"choices": [{**chunk["choices"][0], "finish_reason": ended}]}


def _of_call(slot: Slot, body: Any) -> Slot:
    """Join the arguments of a call across chunks, by the number that the call has."""
    if CALLS.isdisjoint(slot.path):
        return slot
    key: list[Any] = []
    for step in slot.path[2:]:
        body = body[step] if key else body["choices"][0][step]
        number = body.get("index", step) if isinstance(body, dict) else step
        key.append(number if isinstance(step, int) else step)
    return replace(slot, key=tuple(key))
