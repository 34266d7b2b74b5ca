"""Waits for what a sidecar answers, and turns what goes wrong into errors of ours."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import grpc

from guardrails.client.received import CLOSED
from guardrails.core.errors import GuardrailsError, SidecarError
from guardrails.wire.status import ERRORS, error_of

Errors: TypeAlias = Mapping[grpc.StatusCode, type[GuardrailsError]]


def answered(
    method: Callable[..., Any], message: Any, timeout: float, errors: Errors = ERRORS
) -> Any:
    """Ask and wait; ``errors`` tells what statuses stand for.

    Raises:
        GuardrailsError: the one that the status stands for.
    """
    try:
        return method(message, timeout=timeout)
    except grpc.RpcError as failed:
        raise error_of(failed, errors) from None
    except ValueError:  # gRPC's word for a channel that was closed a moment ago
        raise SidecarError(CLOSED) from None


async def answered_async(
    call: Awaitable[Any],
    timeout: float,  # noqa: ASYNC109  # gRPC's own, which a fork stops
    errors: Errors = ERRORS,
) -> Any:
    """Wait for a call that was made with this timeout; ``errors`` tells what statuses stand for.

    Raises:
        GuardrailsError: the one that the status stands for.
    """
    try:
        async with asyncio.timeout(2 * timeout):
            return await call
    except grpc.aio.AioRpcError as failed:
        raise error_of(failed, errors) from None
    except TimeoutError:
        raise SidecarError(
            "gRPC does not keep its deadline, was this process forked after gRPC was used?"
        ) from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():  # a channel that is closed cancels its calls alone
            raise
        raise SidecarError(CLOSED) from None
