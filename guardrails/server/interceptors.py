"""Turns errors into statuses: ours with their message, any other bland, with an id to look up."""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf.message import DecodeError

from guardrails.core.errors import AccessError, ContentError, GuardrailsError
from guardrails.server.calls import Handler, call_of, kind_of
from guardrails.server.overload.hints import trailing
from guardrails.server.overload.shedding import Reason, Shed
from guardrails.server.streaming import IdleError
from guardrails.telemetry.recorder import Recorder
from guardrails.wire.status import ERROR_ID, code_of

_log = logging.getLogger("guardrails.server")


class Errors(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc ships no types
    """Wraps every call of ours; the recorder is told of every one that gets no verdict."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Give the handler with a translation round it."""
        handler = await continuation(details)
        if handler is None:
            return handler
        make = getattr(grpc, f"{kind_of(handler)}_rpc_method_handler")
        return make(
            translated(call_of(handler), self._recorder),
            request_deserializer=_lenient(handler.request_deserializer),
            response_serializer=handler.response_serializer,
        )


class _Malformed:
    """Stands for a message that is none, until it can be refused like any other error."""


def _lenient(deserializer: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(message: bytes) -> Any:
        try:
            return deserializer(message)
        except DecodeError:
            return _Malformed()

    return read


def translated(call: Handler, recorder: Recorder) -> Handler:
    """Give the call with its errors as statuses."""

    async def answer(request: Any, context: grpc.aio.ServicerContext) -> Any:
        try:
            return await call(_well_formed(request), context)
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001  # the rim: nothing may leave as it is
            recorder.refuse(_code(error).name)
            return await _abort(context, error)

    return answer


def _well_formed(request: Any) -> Any:
    """Give a message, or the messages of a stream, each of which is looked at in its turn."""
    if isinstance(request, _Malformed):
        raise ContentError("the message is not what this method takes")
    return _each(request) if isinstance(request, AsyncIterable) else request


async def _each(requests: AsyncIterable[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        yield _well_formed(request)


async def _abort(context: grpc.aio.ServicerContext, error: Exception) -> None:
    code = _code(error)
    if isinstance(error, AccessError):  # noted, but who guesses could fill a log
        await context.abort(code, str(error))
    if isinstance(error, Shed):  # counted: to log it would make more of the load
        await context.abort(code, str(error), trailing(error, code))
    number = uuid4().hex
    told = (number, code.name, _place(error))
    _log.warning("error %s: %s %s", *told, extra={"error_id": number})
    details = str(error) if isinstance(error, GuardrailsError) else f"internal error {number}"
    await context.abort(code, details, ((ERROR_ID, number), *trailing(error, code)))


def _code(error: Exception) -> grpc.StatusCode:
    is_late = isinstance(error, Shed) and error.reason is Reason.LATE
    is_idle = isinstance(error, IdleError)
    return grpc.StatusCode.DEADLINE_EXCEEDED if is_late or is_idle else code_of(error)


def _place(error: Exception) -> str:
    """Name the kind of error and the line that raised it: never its message, never content."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    return f"{type(error).__name__}{where}"
