"""`ExternalProcessor`: reads Envoy's messages in turn, has them judged, and answers each."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import TypeVar

import grpc

from guardrails.core.errors import ContentError
from guardrails.server.envoy.answers import RESPONSES, Response
from guardrails.server.envoy.messages import Replies
from guardrails.server.envoy.outcomes import Exchange
from guardrails.server.envoy.requests import REQUESTS, Request
from guardrails.server.tracing import carried
from guardrails.telemetry.spans import UNTRACED, Tracer
from guardrails.wire import ext_proc_pb2 as pb

SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor"

W = TypeVar("W")

Open = Callable[[pb.ProcessingRequest, grpc.aio.ServicerContext], Exchange]


class Processor:
    """The service: one stream for each request that goes through a gateway.

    Args:
        opened: begins an exchange with the first message of its stream.
        most: bytes of a body that is held here.
        tracer: opens a span for each exchange.
    """

    def __init__(self, opened: Open, most: int, tracer: Tracer = UNTRACED) -> None:
        self._tracer = tracer
        self._opened = opened
        self._most = most

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer gateways on a server."""
        process = grpc.stream_stream_rpc_method_handler(
            self.process,
            request_deserializer=pb.ProcessingRequest.FromString,
            response_serializer=pb.ProcessingResponse.SerializeToString,
        )
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"Process": process}),)
        )

    async def process(
        self, sent: AsyncIterator[pb.ProcessingRequest], context: grpc.aio.ServicerContext
    ) -> None:
        """See one request and its answer through; Envoy ends it, or we, with an answer of ours."""
        first = await anext(sent, None)
        if first is None:
            return
        asked = {} if self._tracer is UNTRACED else asked_by(first, context)
        with self._tracer.request(SERVICE, asked, {"rpc.system": "grpc"}):
            exchange = self._opened(first, context)
            request, response = ways(first.protocol_config)
            async with aclosing(Ways(request(exchange, self._most), response(exchange))) as both:
                await _answer(both, first, sent, context)


def asked_by(first: pb.ProcessingRequest, context: grpc.aio.ServicerContext) -> dict[str, str]:
    """Give the headers that may name a span: the gateway's own, where it traces, go first."""
    told = carried(context)
    if "traceparent" in told:
        return told
    return {
        one.key: one.value or one.raw_value.decode("latin-1")
        for one in first.request_headers.headers.headers
    }


async def _answer(
    ways: "Ways",
    first: pb.ProcessingRequest,
    sent: AsyncIterator[pb.ProcessingRequest],
    context: grpc.aio.ServicerContext,
) -> None:
    message: pb.ProcessingRequest | None = first
    while message is not None:
        for reply in await ways.replies(message):
            await context.write(reply)
            if reply.WhichOneof("response") == "immediate_response":
                return
        message = await anext(sent, None)


class Ways:
    """Both ways of one exchange: each message goes to the one that it belongs to."""

    def __init__(self, request: Request, response: Response) -> None:
        self._request = request
        self._response = response

    async def replies(self, message: pb.ProcessingRequest) -> Replies:
        """Answer one message, with any number of ours."""
        match message.WhichOneof("request"):
            case "request_headers":
                return await self._request.headers(message.request_headers)
            case "request_body":
                return await self._request.body(message.request_body)
            case "request_trailers":
                return await self._request.trailers()
            case "response_headers":
                return await self._response.headers(message.response_headers)
            case "response_body":
                return await self._response.body(message.response_body)
            case "response_trailers":
                return await self._response.trailers()
        raise ContentError("a message of Envoy that is not known here")

    async def aclose(self) -> None:
        """Give up what is still being judged."""
        await self._response.aclose()


def ways(configured: pb.ProtocolConfiguration) -> tuple[type[Request], type[Response]]:
    """Give the ways in which bodies come.

    Raises:
        ContentError: they do not come, or in a way in which they are not judged.
    """
    return (
        _way(REQUESTS, "request_body_mode", configured.request_body_mode),
        _way(RESPONSES, "response_body_mode", configured.response_body_mode),
    )


def _way(known: Mapping[int, type[W]], name: str, mode: pb.BodySendMode) -> type[W]:
    if mode not in known:
        choices = ", ".join(pb.BodySendMode.Name(each) for each in known)
        raise ContentError(f"Envoy's {name} is {pb.BodySendMode.Name(mode)}, set one of: {choices}")
    return known[mode]
