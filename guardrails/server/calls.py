"""The handlers of gRPC calls, taken apart and put together with something round the call."""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc

Handler = Callable[[Any, grpc.aio.ServicerContext], Awaitable[Any]]

KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")


def call_of(handler: grpc.RpcMethodHandler) -> Handler:
    """Give the call of a handler; what yields messages as a call that writes them."""
    call: Handler = getattr(handler, kind_of(handler))
    return _writing(call) if inspect.isasyncgenfunction(call) else call


def kind_of(handler: grpc.RpcMethodHandler) -> str:
    """Name the kind of a handler."""
    return next(kind for kind in KINDS if getattr(handler, kind) is not None)


def rebuilt(handler: grpc.RpcMethodHandler, call: Handler) -> grpc.RpcMethodHandler:
    """Give the handler with another call."""
    make = getattr(grpc, f"{kind_of(handler)}_rpc_method_handler")
    return make(
        call,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


def _writing(call: Callable[..., AsyncGenerator[Any, None]]) -> Handler:
    async def write(requests: Any, context: grpc.aio.ServicerContext) -> None:
        async with aclosing(call(requests, context)) as messages:
            async for message in messages:
                await context.write(message)

    return write
