"""Answers on their way to the client: whole, as a stream, or unjudged."""

from collections.abc import Mapping

from guardrails.core.errors import GuardrailsError
from guardrails.server.envoy import refusals
from guardrails.server.envoy.outcomes import Outcome, Passed
from guardrails.server.openai import bodies, replies
from guardrails.server.openai.failures import way_of, words_of
from guardrails.server.openai.judging import Judge, Prompt
from guardrails.server.openai.streaming import StreamRewriter
from guardrails.telemetry.recorder import Recorder


class Passing:
    """An answer that is not judged, and says why: its headers carry the word."""

    waits = False
    over = False

    def __init__(self, why: str, prompt: Prompt | None = None) -> None:
        self.headers: Mapping[str, str] = {**asked(prompt), refusals.UNJUDGED: why}

    async def feed(self, piece: bytes) -> bytes:
        """Give it as it is."""
        return piece

    async def finish(self) -> Outcome:
        """There is no more."""
        return Passed()

    async def aclose(self) -> None:
        """There is nothing to give up."""


class Whole:
    """An answer in JSON, of which nothing is passed on before all is judged."""

    waits = True

    def __init__(self, judge: Judge, prompt: Prompt, most: int, recorder: Recorder) -> None:
        self._judge, self._prompt, self._most = judge, prompt, most
        self._recorder = recorder
        self._body = bytearray()
        self.headers = asked(prompt)
        self.over = False

    async def feed(self, piece: bytes) -> bytes:
        """Keep a piece, as long as it is not too much."""
        self._body += piece
        self.over = len(self._body) > self._most
        return b""

    async def finish(self) -> Outcome:
        """Judge it."""
        if self.over:
            return refusals.unread(f"it is longer than {self._most:,} bytes")
        said = bytes(self._body)
        self._body.clear()
        try:
            body = bodies.parse(said)
            answered = await self._judge.answer(self._prompt, body)
        except GuardrailsError as error:
            self._recorder.refuse(way_of(error, answering=True).counted)
            return replies.failed(error, answering=True)
        headers = replies.decision([self._prompt.verdict, *answered.verdicts])
        if not answered.verdicts:
            headers[refusals.UNJUDGED] = "answer"
        if answered.body is None:
            return replies.withheld(answered.verdicts, headers)
        return Passed(said if answered.body is body else bodies.written(answered.body), headers)

    async def aclose(self) -> None:
        """Keep nothing."""
        self._body.clear()


class Stream:
    """An answer in events, each passed on once it is judged; what fails is told in an event."""

    waits = False

    def __init__(self, rewriter: StreamRewriter, prompt: Prompt, recorder: Recorder) -> None:
        self._rewriter, self._recorder = rewriter, recorder
        self._broken = False
        self.headers = asked(prompt)

    @property
    def over(self) -> bool:
        """Whether the model is to stop; one that has said all it wanted may close by itself."""
        blocked = any(verdict.blocked for verdict in self._rewriter.verdicts)
        return self._broken or (blocked and self._rewriter.over)

    async def feed(self, piece: bytes) -> bytes:
        """Give the events that may be passed on by now."""
        try:
            return await self._rewriter.feed(piece)
        except GuardrailsError as error:
            return self._break(error)

    async def finish(self) -> Outcome:
        """Give the rest."""
        if self._broken:
            return Passed()
        try:
            return Passed(await self._rewriter.finish())
        except GuardrailsError as error:
            return Passed(self._break(error))

    async def aclose(self) -> None:
        """Have no more judged."""
        await self._rewriter.aclose()

    def _break(self, error: GuardrailsError) -> bytes:
        self._broken = True
        way = way_of(error, answering=True)
        self._recorder.refuse(way.counted)
        return self._rewriter.broken(words_of(error, way), way.code)


def asked(prompt: Prompt | None) -> dict[str, str]:
    """Tell what was decided on the prompt."""
    return {} if prompt is None else replies.decision([prompt.verdict])
