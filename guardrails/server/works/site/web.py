"""The door to Starlette: requests in, pages out; what was sent is gone when the answer is."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from starlette.applications import Starlette
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from guardrails.server.works.finding import CHARACTERS
from guardrails.server.works.site import lookup
from guardrails.server.works.site.lookup import Answer, Lookup, Sent
from guardrails.server.works.site.rendering import PICTURE_BYTES, Pages

_log = logging.getLogger("guardrails.server")

BODY_BYTES = PICTURE_BYTES + (1 << 20)
"""Of a form: a picture, and a text of the greatest length."""
DRAINED_BYTES = 8 * BODY_BYTES
"""That are read and dropped, so that a browser is there to see why its upload was refused."""
READING_SECONDS = 60.0
THREADS = 2
AT_ONCE = 8
"""Lookups, with those that are still being sent; more are asked to come back."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FILES: Mapping[str, str] = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "mark.svg": "image/svg+xml",
}

T = TypeVar("T")
Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):  # noqa: N818  # an answer, which ends the reading of a form
    """What was sent is not looked at."""

    def __init__(self, status: HTTPStatus, headline: str, detail: str) -> None:
        self.answer = lookup.failed(status, headline, detail)
        super().__init__(headline)


class Site:
    """The page and its three files."""

    def __init__(self, answering: Lookup) -> None:
        self._lookup = answering
        self._pages = Pages()
        self._threads = ThreadPoolExecutor(THREADS, "guardrails-lookup")
        self._under_way = 0
        folder = Path(__file__).parent / "static"
        self._files = {name: (folder / name).read_bytes() for name in FILES}

    def app(self) -> Starlette:
        """Give the application, in which no error leaves as it is."""
        return Starlette(
            routes=[
                Route("/", _safe(self.form), methods=["GET"]),
                Route("/", _safe(self.result), methods=["POST"]),
                Route("/static/{name}", _safe(self.file), methods=["GET"]),
            ]
        )

    def close(self) -> None:
        """Let what is under way finish."""
        self._threads.shutdown()

    async def form(self, _: Request) -> Response:
        """Show the empty form."""
        return await self._shown(lookup.NOTHING, Sent())

    async def result(self, request: Request) -> Response:
        """Look up what was sent."""
        sent = Sent()
        try:
            if self._under_way >= AT_ONCE:
                raise _busy()
            self._under_way += 1
            try:
                async with asyncio.timeout(READING_SECONDS):
                    sent = await _read(request)
                answer = await self._do(self._lookup.answer, sent)
            finally:
                self._under_way -= 1
        except Refused as refused:
            answer = refused.answer
        except TimeoutError:
            answer = _slow().answer
        return await self._shown(answer, sent)

    async def file(self, request: Request) -> Response:
        """Give what the page is made of."""
        name = request.path_params["name"]
        if name not in self._files:
            return Response("not found", HTTPStatus.NOT_FOUND)
        return Response(self._files[name], media_type=FILES[name])

    async def _shown(self, answer: Answer, sent: Sent) -> Response:
        collections = await asyncio.to_thread(self._lookup.collections)
        html = await asyncio.to_thread(self._pages.html, answer, sent, collections)
        return HTMLResponse(html, answer.status)

    async def _do(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


def _safe(handler: Handler) -> Handler:
    """Answer with the headers that keep the page to itself; an error is bland, and in the log."""

    async def answer(request: Request) -> Response:
        try:
            response = await handler(request)
        except ClientDisconnect:
            response = Response(status_code=HTTPStatus.BAD_REQUEST)
        except Exception as error:  # noqa: BLE001  # the rim: its words may quote what was sent
            number = uuid4().hex
            told = (number, type(error).__name__)
            _log.warning("error %s: lookup page, %s", *told, extra={"error_id": number})
            response = Response(f"internal error {number}", HTTPStatus.INTERNAL_SERVER_ERROR)
        response.headers.update(HEADERS)
        return response

    return answer


async def _read(request: Request) -> Sent:
    """Read a form.

    Raises:
        Refused: it is none, or too large.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "That cannot be looked up", "Use the form below."
        )
    body = await _body(request)
    parser = _Parser(request.headers, _once(body), max_files=1, max_fields=2)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Refused(
            HTTPStatus.BAD_REQUEST, "That cannot be looked up", "The form arrived damaged."
        ) from None
    try:
        return await _sent(form)
    finally:
        await form.close()


class _Parser(MultiPartParser):
    """Keeps what it reads in memory: nothing of an upload is ever on a disk."""

    spool_max_size = BODY_BYTES
    max_part_size = BODY_BYTES


async def _body(request: Request) -> bytes:
    """Read a body of limited size, and the rest of a larger one away.

    Raises:
        Refused: it is larger.
    """
    kept: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_BYTES:
            kept.clear()
        else:
            kept.append(chunk)
        if size > DRAINED_BYTES:
            break
    if size > BODY_BYTES:
        raise _large()
    return b"".join(kept)


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _sent(form: FormData) -> Sent:
    text, upload, collection = form.get("text"), form.get("picture"), form.get("collection")
    data = await upload.read() if isinstance(upload, UploadFile) else b""
    if len(data) > PICTURE_BYTES:
        raise _large()
    read = text.replace("\r\n", "\n") if isinstance(text, str) else ""
    return Sent(read, data, collection if isinstance(collection, str) else "")


def _large() -> Refused:
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "That is too large",
        f"A picture may have {PICTURE_BYTES >> 20} MB, a text {CHARACTERS:,} characters. "
        "Send a smaller copy of the picture, or a part of the text.",
    )


def _busy() -> Refused:
    detail = "Many lookups are under way. Try again in a few seconds."
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "Not now", detail)


def _slow() -> Refused:
    detail = "What you sent did not arrive in time. Send a smaller copy, or try again."
    return Refused(HTTPStatus.REQUEST_TIMEOUT, "That took too long", detail)
