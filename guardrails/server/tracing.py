"""Opens the span of each request at the doors: over gRPC, and over HTTP."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

import grpc

from guardrails.server.calls import Handler, call_of, rebuilt
from guardrails.telemetry.spans import UNTRACED, Fact, Tracer

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

OURS = "/guardrails."
"""Where the names of our services begin; nobody wants a span for each look at health."""
STATUS = "rpc.grpc.status_code"
SERVER_ERROR = 500
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""That may stand in the name of a span: any other text is a client's own."""


class Traced(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc ships no types
    """A span for each call of ours. It stands before the one that turns errors into statuses."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Give the handler with a span round it."""
        handler = await continuation(details)
        if handler is None or not details.method.startswith(OURS):
            return handler
        return rebuilt(handler, self._spanned(call_of(handler), details.method[1:]))

    def _spanned(self, call: Handler, method: str) -> Handler:
        service, _, name = method.partition("/")
        facts: Mapping[str, Fact] = {
            "rpc.system": "grpc",
            "rpc.service": service,
            "rpc.method": name,
        }

        async def answer(request: Any, context: grpc.aio.ServicerContext) -> Any:
            with self._tracer.request(method, carried(context), facts) as seen:
                try:
                    answered = await call(request, context)
                except grpc.aio.AbortError:
                    seen.note({STATUS: _number(context.code())})
                    raise
                seen.note({STATUS: 0})
                return answered

        return answer


def traces(tracer: Tracer) -> list[Traced]:
    """Give the interceptors of a tracer: none where nobody traces."""
    return [] if tracer is UNTRACED else [Traced(tracer)]


class TracedApp:
    """An ASGI application with a span for each request."""

    def __init__(self, app: App, tracer: Tracer, known: Callable[[str, str], object]) -> None:
        self._app = app
        self._tracer = tracer
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        method = scope["method"] if scope["method"] in METHODS else "HTTP"
        known = self._known(method, scope["path"]) is not None
        facts = {"http.request.method": method}
        if known:
            facts["http.route"] = scope["path"]
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        name = f"{method} {scope['path']}" if known else method
        with self._tracer.request(name, headers, facts) as seen:

            async def noted(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    seen.note({"http.response.status_code": message["status"]})
                    if message["status"] >= SERVER_ERROR:
                        seen.fail(str(message["status"]))
                await send(message)

            await self._app(scope, receive, noted)


def traced_app(app: App, tracer: Tracer, known: Callable[[str, str], object]) -> App:
    """Give an application with a span for each request; ``known`` finds a route, or None."""
    return app if tracer is UNTRACED else TracedApp(app, tracer, known)


def carried(context: grpc.aio.ServicerContext) -> dict[str, str]:
    """Give the metadata that is text."""
    metadata = context.invocation_metadata() or ()
    return {key: value for key, value in metadata if isinstance(value, str)}


def _number(code: Any) -> int:
    """Give the number of a status, which gRPC tells in either of two ways."""
    return int(code.value[0]) if isinstance(code, grpc.StatusCode) else int(code)
