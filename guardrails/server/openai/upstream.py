"""The door to httpx: asks the model's server, and gives what it says as it comes."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

import httpx

from guardrails.server.openai.failures import UpstreamError
from guardrails.telemetry.spans import onward

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

CONNECT_SECONDS = 10.0
HOP = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization"),
        *(b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-connection"),
        *(b"content-length", b"content-encoding"),
    }
)
"""Headers that are of one connection, or of bytes that are packed otherwise on the next."""
OURS = frozenset({b"host", b"accept-encoding", b"expect"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model's server says: status and headers, then its bytes."""

    status: int
    headers: Headers
    kind: str
    response: httpx.Response

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the bytes as they come, unpacked.

        Raises:
            UpstreamError: they end before the end, or nothing comes for too long.
        """
        try:
            async for piece in self.response.aiter_bytes():
                yield piece
        except httpx.TimeoutException:
            raise UpstreamError("the model's server said nothing for too long", late=True) from None
        except (httpx.HTTPError, httpx.StreamError):
            raise UpstreamError("the model's server broke off") from None

    async def read(self, most: int) -> bytes:
        """Give all bytes.

        Raises:
            UpstreamError: there are too many, or as ``pieces``.
        """
        kept = bytearray()
        async for piece in self.pieces():
            kept += piece
            if len(kept) > most:
                raise UpstreamError(f"the model's server says more than {most:,} bytes")
        return bytes(kept)


def base_of(url: str) -> str:
    """Give the address of a server, to which paths such as ``/v1/models`` are added.

    Raises:
        ValueError: it is none.
    """
    try:
        base = httpx.URL(url)
    except httpx.InvalidURL:
        base = httpx.URL()
    if base.scheme not in {"http", "https"} or not base.host or base.query or base.userinfo:
        raise ValueError("--upstream is no address of a server, give http://HOST:PORT")
    return str(base).rstrip("/").removesuffix("/v1")


class Upstream:
    """The model's server, by its address as ``base_of`` gives it."""

    def __init__(self, base: str, idle_seconds: float) -> None:
        self._base = base
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(idle_seconds, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
            follow_redirects=False,
            trust_env=False,
        )

    @asynccontextmanager
    async def asked(
        self, method: str, path: str, headers: Headers, body: bytes
    ) -> AsyncIterator[Answer]:
        """Ask; whatever ends it, the connection is given back or closed.

        Raises:
            UpstreamError: nobody answers.
        """
        with onward("upstream") as seen:
            request = self._client.build_request(
                method,
                self._base + path,
                headers=[*traced(headers, seen.headers), (b"accept-encoding", b"identity")],
                content=body or None,
            )
            response = await self._sent(request)
            seen.note({"http.response.status_code": response.status_code})
            try:
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                headers = passed_on(response.headers.raw)
                yield Answer(response.status_code, headers, kind, response)
            finally:
                await response.aclose()

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._client.send(request, stream=True)
        except httpx.TimeoutException:
            raise UpstreamError("the model's server does not answer in time", late=True) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise UpstreamError("the model's server cannot be reached") from None

    async def aclose(self) -> None:
        """Close what is open."""
        await self._client.aclose()


def traced(headers: Headers, onward: Mapping[str, str]) -> Headers:
    """Give headers that name the span which asks, in the place of the one that asked us."""
    ours = [(name.lower().encode(), value.encode("latin-1")) for name, value in onward.items()]
    replaced = {name for name, _ in ours}
    return [*(one for one in headers if one[0] not in replaced), *ours]


def passed_on(
    headers: Iterable[tuple[bytes, bytes]], without: frozenset[str] = frozenset()
) -> Headers:
    """Give the headers that go on to the next connection."""
    known = [(name.lower(), value) for name, value in headers]
    named = {
        one.strip().lower()
        for name, value in known
        if name == b"connection"
        for one in value.split(b",")
    }
    gone = HOP | OURS | named | {name.encode() for name in without}
    return [(name, value) for name, value in known if name not in gone]
