"""Streamed responses: bytes of a model's events in, bytes of those that may go out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from guardrails.core.errors import ContentError
from guardrails.core.stream import AnswerStream
from guardrails.core.verdict import Verdict
from guardrails.server.openai import bodies, refusals, routes, sse
from guardrails.server.openai.chunks import Choices
from guardrails.server.openai.lanes import HELD_BYTES, Lane
from guardrails.server.openai.refusals import Refusal
from guardrails.server.openai.repeats import Run, Shape, is_plain
from guardrails.server.openai.routes import Route
from guardrails.server.openai.sse import Event, Malformed, Parser
from guardrails.server.openai.steps import Dialect, Step, Turn
from guardrails.server.openai.typed import Blocks, Items
from guardrails.wire.messages import Kind

DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    routes.CHAT.path: Choices,
    routes.COMPLETIONS.path: lambda: Choices(older=True),
    routes.RESPONSES.path: Items,
    routes.MESSAGES.path: Blocks,
}
MOST_ANSWERS = 128
"""In one response."""


def refusal_events(route: Route, refusal: Refusal) -> bytes:
    """Give a whole stream that says a refusal; none where the route has no such stream."""
    if route.events is None:
        return b""
    events = b"".join(_event(body, named=route.named) for body in route.events(refusal))
    return events if route.named else events + sse.write(sse.DONE)


class StreamRewriter:
    """Rewrites one streamed response: text goes out once it is judged.

    Free of HTTP: bytes in and bytes out, cut anywhere. A caller gives what ``feed`` returns to the
    client, and stops when ``over``; then, and when the model is done, comes ``finish``. When either
    raises, and when the model is cut off, ``broken`` says so to the client.

    Args:
        route: the route that was asked.
        begin: begins an answer; asked once for each choice.
        answers: how many choices were asked for.
        passing: what may go by though it cannot be judged.
    """

    def __init__(
        self,
        route: Route,
        begin: Callable[[], AnswerStream],
        *,
        answers: int = 1,
        passing: frozenset[Kind] = frozenset(),
    ) -> None:
        self._dialect = DIALECTS[route.path]()
        self._begin, self._answers, self._passing = begin, answers, passing
        self._parser, self._shape, self._run = Parser(), Shape(), Run()
        self._lanes: dict[int, Lane] = {}
        self._last: list[Step] = []
        self._held = 0
        self._done = False

    @property
    def over(self) -> bool:
        """Whether nothing that still comes can go out: all is blocked, or the model has failed."""
        return self._done or (
            len(self._lanes) >= self._answers
            and all(lane.over and _is_blocked(lane) for lane in self._lanes.values())
        )

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Those that stand by now."""
        return tuple(lane.verdict for lane in self._lanes.values() if lane.verdict is not None)

    async def feed(self, data: bytes) -> bytes:
        """Take bytes of the response; give those that may go out, often none.

        Raises:
            ContentError: what comes is no stream of this route, or holds what cannot be judged.
            GuardrailsError: it cannot be judged now.
        """
        return b"" if self.over else await self._through(self._parser.feed(data))

    async def finish(self) -> bytes:
        """Have the rest judged; give it.

        Raises:
            ContentError, GuardrailsError: as ``feed``.
        """
        was_over = self.over
        out = b"" if was_over else await self._through(self._parser.finish())
        out += await self._ended()
        if was_over and not self._done and not self._dialect.named:
            out += sse.write(sse.DONE)
        self._done = True
        return out

    def broken(self, message: str, code: str) -> bytes:
        """Give the event that tells a client why no more comes."""
        self._done = True
        return _event(refusals.error(message, code, "api_error"), named=self._dialect.named)

    async def aclose(self) -> None:
        """Give up, at any time and any number of times."""
        for lane in self._lanes.values():
            await lane.aclose()

    async def _through(self, events: Iterable[Event]) -> bytes:
        """Take events; those that say more of one text are judged as one."""
        out: list[bytes] = []
        try:
            for event in events:
                if not self._goes_on(event):
                    out += await self._take(event)
                    if self.over:
                        break
        except (Malformed, ContentError) as error:
            out.append(await self._settled())
            if not self.over:  # else it comes too late to matter
                raise ContentError(str(error)) from None
        out.append(await self._settled())
        return b"".join(out)

    def _goes_on(self, event: Event) -> bool:
        """Take an event that differs from one before it in its text alone."""
        text, step = self._shape.text(event), self._shape.step
        return text != "" and step is not None and self._run.add(step, text, event.raw)

    async def _take(self, event: Event) -> Sequence[bytes]:
        if not event.data or event.data.strip() == sse.DONE:
            settled = await self._settled()
            return (settled,) if self.over else (settled, await self._wordless(event))
        body = bodies.read(event.data)
        if self._dialect.named and event.name not in {"", body.get("type")}:
            raise ContentError("an event is not what its name says")
        raw = event.raw if self._dialect.named or not event.name else b""
        steps = list(self._dialect.steps(body, raw))
        self._shape.learn(event, body, steps)
        return [await self._next(step) for step in steps]

    async def _wordless(self, event: Event) -> bytes:
        if not event.data:
            return sse.KEEP_ALIVE
        rest = await self._ended()
        self._done = True
        return rest + event.written

    async def _settled(self) -> bytes:
        """Have judged what was read and is not judged yet."""
        step = self._run.take()
        return b"" if step is None else await self._step(step)

    async def _next(self, step: Step) -> bytes:
        """Add a step to the run; what is none of it is taken when that is judged."""
        if self._joins(step):
            return b""
        settled = await self._settled()
        if self.over or self._joins(step):
            return settled
        return settled + await self._step(step)

    def _joins(self, step: Step) -> bool:
        return is_plain(step) and self._run.add(step, step.slots[0].text, step.raw)

    async def _step(self, step: Step) -> bytes:
        match step.turn:
            case Turn.FAILED:
                await self.aclose()
                self._done = True
                return self._write(step.body, step.raw)
            case Turn.LAST if any(not lane.over for lane in self._lanes.values()):
                self._wait(step)
                return b""
            case Turn.LAST:
                return self._write(step.body, step.raw)
        out = await self._lane(step.lane).take(step)
        if self._last and all(lane.over for lane in self._lanes.values()):
            out += self._late()
        return out

    def _lane(self, number: int) -> Lane:
        if number not in self._lanes:
            if len(self._lanes) >= MOST_ANSWERS:
                raise ContentError(f"the response has more than {MOST_ANSWERS} answers")
            stream = self._begin()
            self._lanes[number] = Lane(self._dialect, number, stream, self._passing, self._write)
        return self._lanes[number]

    async def _ended(self) -> bytes:
        rest = b"".join([await lane.end() for lane in self._lanes.values()])
        return rest + self._late()

    def _wait(self, step: Step) -> None:
        self._last.append(step)
        self._held += len(step.raw) + 100
        if self._held > HELD_BYTES:
            raise ContentError(f"a response holds back more than {HELD_BYTES:,} bytes")

    def _late(self) -> bytes:
        late = b"".join(self._write(step.body, step.raw) for step in self._last)
        self._last.clear()
        return late

    def _write(self, body: Mapping[str, Any], raw: bytes) -> bytes:
        return raw or _event(body, named=self._dialect.named)


def _is_blocked(lane: Lane) -> bool:
    return lane.verdict is None or lane.verdict.blocked


def _event(body: Mapping[str, Any], *, named: bool) -> bytes:
    return sse.write(bodies.written(body).decode(), str(body["type"]) if named else "")
