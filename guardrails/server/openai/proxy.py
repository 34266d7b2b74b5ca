"""The door to Starlette: requests in, judged, on to the model's server, and its answers back."""

import asyncio
import logging
from collections.abc import Mapping
from typing import TypeAlias
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from guardrails.core.errors import AccessError, GuardrailsError
from guardrails.server.access.entry import Entry
from guardrails.server.access.http import Entrance
from guardrails.server.openai import bodies, replies, routes
from guardrails.server.openai.failures import UpstreamError, way_of
from guardrails.server.openai.judging import Judge, Prompt
from guardrails.server.openai.replies import Refused, Reply, decision
from guardrails.server.openai.routes import Route
from guardrails.server.openai.routing import Routing
from guardrails.server.openai.sending import Out
from guardrails.server.openai.streaming import DIALECTS
from guardrails.server.openai.upstream import Answer, Upstream, passed_on
from guardrails.telemetry.recorder import Recorder, Unrecorded

_log = logging.getLogger("guardrails.server")

READING_SECONDS = 60.0
ANSWER_SECONDS = 3600.0
"""After which an answer is ended, though the model's server may go on."""
ERROR_BYTES = 1 << 20
"""Of an error of the model's server."""
HEALTH = "/healthz"

Policies: TypeAlias = Mapping[str, object]


class Proxy:
    """An ASGI application.

    Args:
        judge: has requests and answers judged.
        routing: says by which policy, and what goes by.
        upstream: the model's server.
        policies: those that are loaded, by name.
        most: bytes of a request, and of an answer that is no stream.
        idle_seconds: for which a client may leave what is sent to it.
        recorder: is told of requests that get no verdict.
        entrance: lets in who is known; without one it is everybody.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # what it is made of
        self,
        judge: Judge,
        routing: Routing,
        upstream: Upstream,
        policies: Policies,
        most: int,
        idle_seconds: float,
        recorder: Recorder | None = None,
        entrance: Entrance | None = None,
    ) -> None:
        self._entrance = entrance or Entrance(Entry())
        self._recorder = recorder or Unrecorded()
        self._judge, self._routing, self._upstream = judge, routing, upstream
        self._policies, self._most, self._idle = policies, most, idle_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; when its client is gone, nothing goes on for it."""
        if scope["type"] != "http":
            return
        request, out = Request(scope, receive), Out(send, self._idle)
        try:
            self._let_in(request)
            body = await self._body(request)
        except ClientDisconnect:
            return
        except Refused as refused:
            await out.reply(refused.reply)
            return
        except AccessError as error:
            self._refuse(error, request)
            await out.reply(replies.unread(error))
            return
        answering = asyncio.create_task(self._safe(request, body, out))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both = (answering, gone)
            for one in both:
                one.cancel()
            await asyncio.wait(both)
        if not answering.cancelled():
            answering.result()

    def _let_in(self, request: Request) -> None:
        """See who asks, before more of it is read; errors are those of ``Entrance.let_in``."""
        if request.url.path != HEALTH:
            self._entrance.let_in(request.headers.raw)
            self._routing.must_know(request.headers)

    async def _safe(self, request: Request, body: bytes, out: Out) -> None:
        """Answer; no error leaves as it is, and none lets anything by."""
        try:
            await self._answer(request, body, out)
        except Refused as refused:
            await out.reply(refused.reply)
        except Exception as error:  # noqa: BLE001  # the rim
            number = uuid4().hex
            if not isinstance(error, GuardrailsError):
                told = (number, type(error).__name__)
                _log.warning("error %s: proxy, %s", *told, extra={"error_id": number})
            self._refuse(error, request, answering=out.answering)
            await out.fail(error, number)

    def _refuse(self, error: Exception, request: Request, *, answering: bool = False) -> None:
        """Take note of a request that gets no verdict."""
        self._recorder.refuse(way_of(error, answering=answering).counted)
        if isinstance(error, AccessError):
            self._entrance.note(error, request.client.host if request.client else "nowhere")

    async def _answer(self, request: Request, body: bytes, out: Out) -> None:
        method, path = request.method, request.url.path
        if path == HEALTH and method in {"GET", "HEAD"}:
            await out.reply(Reply(200, b'{"status":"serving"}', {"content-type": replies.JSON}))
            return
        route = routes.find(method, path)
        if route is not None:
            await self._judged(route, request, body, out)
        elif _is_plain(request) and self._routing.lets_by(method, path):
            async with self._asked(request, body) as answer:
                await out.through(answer)
        else:
            told = f"nothing here judges '{method} {path[:100]}', so it is not passed on"
            raise Refused(404, told, "unknown_endpoint")

    async def _judged(self, route: Route, request: Request, body: bytes, out: Out) -> None:
        asked = bodies.parse(body)
        model = asked.get("model")
        headers = dict(request.headers.items())
        terms = self._routing.terms(
            headers, model if isinstance(model, str) else "", self._policies
        )
        prompt = await self._judge.prompt(route, asked, terms)
        if prompt.blocked:
            as_error = self._routing.blocked == "error"
            await out.reply(replies.blocked(prompt, as_error=as_error))
            return
        passed = body if prompt.body is asked else bodies.written(prompt.body)
        async with asyncio.timeout(ANSWER_SECONDS), self._asked(request, passed) as answer:
            out.answering = True
            if answer.status >= 300:  # noqa: PLR2004  # not what was asked for
                await self._unsaid(answer, out)
            elif not route.judges_answers:
                await out.begin(answer, decision([prompt.verdict]))
                await out.all(await answer.read(self._most))
            elif answer.kind == replies.EVENTS:
                await self._stream(prompt, answer, out)
            else:
                await self._whole(prompt, answer, out)

    async def _whole(self, prompt: Prompt, answer: Answer, out: Out) -> None:
        raw = await answer.read(self._most)
        body = bodies.parse(raw)
        judged = await self._judge.answer(prompt, body)
        decided = decision([prompt.verdict, *judged.verdicts])
        if judged.body is None:
            await out.reply(replies.withheld(judged.verdicts, decided))
            return
        await out.begin(answer, decided)
        await out.all(raw if judged.body is body else bodies.written(judged.body))

    async def _stream(self, prompt: Prompt, answer: Answer, out: Out) -> None:
        """Pass on what is judged, at the pace of the slower of model and client."""
        if prompt.route.path not in DIALECTS:
            raise UpstreamError("the model's server streams what cannot be judged in a stream")
        rewriter = out.rewriter = self._judge.stream(prompt)
        try:
            async for piece in answer.pieces():
                shown = await rewriter.feed(piece)
                if shown:
                    await self._show(shown, prompt, answer, out)
                if rewriter.over:
                    break
            await self._show(await rewriter.finish(), prompt, answer, out)
            await out.end()
        finally:
            await rewriter.aclose()

    async def _show(self, shown: bytes, prompt: Prompt, answer: Answer, out: Out) -> None:
        if not out.begun:
            verdicts = () if out.rewriter is None else out.rewriter.verdicts
            await out.begin(answer, decision([prompt.verdict, *verdicts]))
        await out.more(shown)

    async def _unsaid(self, answer: Answer, out: Out) -> None:
        """Pass an error of the model's server on: it does not come from the model."""
        if answer.status < 400:  # noqa: PLR2004  # a redirection leads past the judge
            raise UpstreamError("the model's server sends its clients elsewhere")
        body = await answer.read(ERROR_BYTES)
        await out.begin(answer)
        await out.all(body)

    def _asked(self, request: Request, body: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202  # as httpx has it
        query = request.url.query
        path = request.url.path + (f"?{query}" if query else "")
        headers = passed_on(request.headers.raw, self._routing.own_headers)
        return self._upstream.asked(request.method, path, headers, body)

    async def _body(self, request: Request) -> bytes:
        """Read the body.

        Raises:
            Refused: it is too large, packed, or does not come in time.
            ClientDisconnect: nobody is there any more.
        """
        if request.headers.get("content-encoding", "identity") != "identity":
            raise Refused(415, "the body is packed, send it as it is", "packed_body")
        kept = bytearray()
        try:
            async with asyncio.timeout(READING_SECONDS):
                async for piece in request.stream():
                    kept += piece
                    if len(kept) > self._most:
                        told = f"the body is longer than {self._most:,} bytes"
                        raise Refused(413, told, "body_too_large")
        except TimeoutError:
            raise Refused(408, "the body did not come in time", "body_too_slow") from None
        return bytes(kept)


async def _gone(receive: Receive) -> None:
    """Wait until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _is_plain(request: Request) -> bool:
    """Whether a path means what it looks like, here and at the model's server."""
    raw: bytes = request.scope.get("raw_path") or b""
    plain = raw.partition(b"?")[0]
    return not (b"%" in plain or b"//" in plain or b"/." in plain or b"\\" in plain)
