"""One answer of a streamed response: its texts on their way through the judge, and what waits."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from guardrails.core.errors import ContentError
from guardrails.core.stream import AnswerStream, Released
from guardrails.core.verdict import Verdict
from guardrails.server.openai.reading import shown
from guardrails.server.openai.refusals import WITHHELD, Refusal
from guardrails.server.openai.steps import Dialect, Slot, Step, Turn
from guardrails.wire.messages import WAYS_OUT, Kind, Path, rewritten

HELD_BYTES = 32 << 20
"""Of events that wait for a verdict; an answer for which more would have to wait is refused."""

Write = Callable[[Mapping[str, Any], bytes], bytes]


@dataclass(slots=True)
class _Part:
    """One part; ``said`` and ``out`` are all its text before and after, where that is asked again.

    ``waiting`` is released, but not in an event yet; ``step`` is the last event that said some of
    it.
    """

    number: int
    keeps: bool
    said: list[str] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    waiting: str = ""
    step: Step | None = None
    path: Path = ()

    def take(self) -> str:
        """Give what waits."""
        text, self.waiting = self.waiting, ""
        return text


class Lane:
    """One answer.

    Args:
        dialect: how the events of its API look.
        number: which of the answers it is.
        stream: judges it.
        passing: what may go by though it cannot be judged.
        write: makes bytes of an event.
    """

    def __init__(
        self,
        dialect: Dialect,
        number: int,
        stream: AnswerStream,
        passing: frozenset[Kind],
        write: Write,
    ) -> None:
        self._dialect, self._number, self._stream = dialect, number, stream
        self._passing, self._write = passing, write
        self._parts: dict[Hashable, _Part] = {}
        self._queue: list[tuple[Step, tuple[tuple[Slot, _Part, bool], ...]]] = []
        self._held = 0
        self.over = False

    @property
    def verdict(self) -> Verdict | None:
        """Stands when the answer is over."""
        return self._stream.verdict

    async def take(self, step: Step) -> bytes:
        """Take the next event; give what may go out by now.

        Raises:
            ContentError: it holds what cannot be judged, or too much waits.
        """
        if self.over:
            return b""
        self._must_be_judged(step)
        entries = []
        for slot in step.slots:
            part, again = self._part(slot, step.turn)
            entries.append((slot, part, again))
            if not again:
                self._keep(await self._feed(slot, part))
                if self._stream.verdict is not None:
                    return self._last_words(step, entries) + self._conclude(self._stream.verdict)
        if step.turn is Turn.NOW and self._may_go(step, entries):
            return self._spoken(step, entries)
        self._wait(step, entries)
        return await self.end() if step.turn is Turn.END else b""

    async def end(self) -> bytes:
        """Have the rest judged, and give all that waits."""
        if self.over:
            return b""
        self._keep(await self._stream.finish())
        verdict = self._stream.verdict
        if verdict is None or verdict.blocked:
            return self._conclude(verdict)
        self.over = True
        rest = b"".join(self._rest())
        return rest + b"".join(self._flush()) + _told(verdict)

    async def aclose(self) -> None:
        """Give up."""
        self.over = True
        await self._stream.aclose()

    def _must_be_judged(self, step: Step) -> None:
        for one in step.unjudged:
            if one.kind not in self._passing:
                raise ContentError(f"'{shown(one.path)}': {WAYS_OUT[one.kind]}")

    def _part(self, slot: Slot, turn: Turn) -> tuple[_Part, bool]:
        """Give the part that a text goes on with, and whether all of that is said once more."""
        if slot.key is None:
            for part in self._parts.values():
                if part.keeps and "".join(part.said) == slot.text:
                    return part, True
        key = (slot.path, len(self._parts)) if slot.key is None else slot.key
        if key not in self._parts:
            keeps = self._dialect.ordered or turn is not Turn.NOW
            self._parts[key] = _Part(len(self._parts), keeps)
        return self._parts[key], False

    async def _feed(self, slot: Slot, part: _Part) -> Iterable[Released]:
        if part.keeps:
            part.said.append(slot.text)
        return await self._stream.feed(slot.text, part.number)

    def _keep(self, released: Iterable[Released]) -> None:
        parts = list(self._parts.values())
        for one in released:
            if one.part < len(parts):
                part = parts[one.part]
                part.waiting += one.text
                if part.keeps:
                    part.out.append(one.text)

    def _may_go(self, step: Step, entries: Iterable[tuple[Slot, _Part, bool]]) -> bool:
        if not self._queue:
            return True
        if not self._dialect.ordered:
            return True
        return bool(step.slots) and all(part.step is not None for _, part, _ in entries)

    def _spoken(self, step: Step, entries: Iterable[tuple[Slot, _Part, bool]]) -> bytes:
        """Say now what is released, in the shape of this event."""
        texts: dict[Path, str] = {}
        same = True
        for slot, part, _ in entries:
            part.step, part.path = step, slot.path
            texts[slot.path] = part.take()
            same = same and texts[slot.path] == slot.text
        if same:
            return self._written(step.body, step.raw)
        if step.says or any(texts.values()):
            return self._written(rewritten(step.body, texts))
        return b""

    def _last_words(self, step: Step, entries: Sequence[tuple[Slot, _Part, bool]]) -> bytes:
        """Say what was released of an event before something in it blocked."""
        if step.turn is not Turn.NOW or not self._may_go(step, entries):
            return b""
        texts = {slot.path: "" for slot in step.slots}
        texts.update({slot.path: part.take() for slot, part, _ in entries})
        return self._written(rewritten(step.body, texts)) if any(texts.values()) else b""

    def _wait(self, step: Step, entries: Iterable[tuple[Slot, _Part, bool]]) -> None:
        self._held += len(step.raw) or sum(len(slot.text) for slot in step.slots)
        if self._held > HELD_BYTES:
            raise ContentError(f"an answer holds back more than {HELD_BYTES:,} bytes")
        self._queue.append((step, tuple(entries)))

    def _rest(self) -> Iterator[bytes]:
        """Say the last words of parts that were shown as they came, each in its last shape."""
        for part in self._parts.values():
            if part.step is not None and part.waiting:
                texts = {slot.path: "" for slot in part.step.slots}
                texts[part.path] = part.take()
                yield self._written(rewritten(part.step.body, texts))

    def _flush(self) -> Iterator[bytes]:
        """Give what waited; a part that changed is said as a whole where its last text stood."""
        last = {
            id(part): (id(step), slot.path)
            for step, entries in self._queue
            for slot, part, again in entries
            if not again
        }
        for step, entries in self._queue:
            changes: dict[Path, str] = {}
            for slot, part, again in entries:
                whole = "".join(part.out)
                if again or "".join(part.said) != whole or part.step is not None:
                    is_last = last.get(id(part)) == (id(step), slot.path)
                    text = whole if again or (is_last and part.step is None) else ""
                    if text != slot.text:
                        changes[slot.path] = text
            if changes:
                yield self._written(rewritten(step.body, changes))
            else:
                yield self._written(step.body, step.raw)
        self._queue.clear()

    def _conclude(self, verdict: Verdict | None) -> bytes:
        """Say the refusal; what waits stays unsaid."""
        self.over = True
        self._queue.clear()
        decision = "" if verdict is None else verdict.id
        reply = (verdict.reply if verdict is not None else None) or WITHHELD
        events = self._dialect.closing(Refusal(decision, reply), self._number)
        said = b"".join([self._written(event) for event in events])
        return said if verdict is None else said + _told(verdict)

    def _written(self, body: Mapping[str, Any], raw: bytes = b"") -> bytes:
        self._dialect.sent(body)
        return self._write(body, raw)


def _told(verdict: Verdict) -> bytes:
    """Tell the decision in a comment, which clients skip; headers are out long since."""
    return f": guardrails {verdict.action.word} {verdict.id}\n\n".encode()
