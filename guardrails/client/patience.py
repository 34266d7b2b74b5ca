"""Asks again when there was no room, after the time that the sidecar named, if it was told to."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from guardrails.core.errors import GuardrailsError, OverloadedError, UnreachableError

T = TypeVar("T")

FIRST_SECONDS, LONGEST_SECONDS = 0.1, 5.0
"""Between tries of which nobody named a time; it doubles from one to the next."""
JITTER = 0.5
"""By which a time is longer at most, so that not all who were turned away come back together."""


def patiently(call: Callable[[float], T], timeout: float, retries: int) -> T:
    """Call within so many seconds, and so often again.

    Raises:
        GuardrailsError: what the last call raised.
    """
    until, tried = time.monotonic() + timeout, 0
    while True:
        left = timeout if not tried else until - time.monotonic()
        try:
            return call(left)
        except GuardrailsError as error:
            seconds = _wait(error, tried)
            if tried >= retries or time.monotonic() + seconds >= until:
                raise
        time.sleep(seconds)
        tried += 1


async def patiently_async(
    call: Callable[[float], Awaitable[T]],
    timeout: float,  # noqa: ASYNC109  # gRPC keeps it
    retries: int,
) -> T:
    """Do the same with what is awaited."""
    until, tried = time.monotonic() + timeout, 0
    while True:
        left = timeout if not tried else until - time.monotonic()
        try:
            return await call(left)
        except GuardrailsError as error:
            seconds = _wait(error, tried)
            if tried >= retries or time.monotonic() + seconds >= until:
                raise
        await asyncio.sleep(seconds)
        tried += 1


def _wait(error: GuardrailsError, tried: int) -> float:
    """Give the seconds after which it is worth asking again; endless where it never is."""
    if isinstance(error, OverloadedError) and error.retry_after is not None:
        seconds = max(error.retry_after, FIRST_SECONDS)
    elif isinstance(error, UnreachableError):
        seconds = min(LONGEST_SECONDS, FIRST_SECONDS * 2**tried)
    else:
        return float("inf")
    return seconds * (1 + JITTER * random.random())  # noqa: S311  # spreads callers, keeps no secret
