"""Tells those who are turned away when to try again: over gRPC, and over HTTP."""

from math import ceil

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from guardrails.core.errors import OverloadedError
from guardrails.wire.status import PUSHBACK

DETAILS = "grpc-status-details-bin"
UNKNOWN_SECONDS = 1.0
"""Where it is not known."""
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 60.0


def seconds_of(error: OverloadedError) -> float:
    """Give the seconds after which to try again."""
    known = UNKNOWN_SECONDS if error.retry_after is None else error.retry_after
    return min(LONGEST_SECONDS, max(SHORTEST_SECONDS, known))


def trailing(error: Exception, code: grpc.StatusCode) -> tuple[tuple[str, str | bytes], ...]:
    """Give the metadata that goes with an error: pushback for clients, `RetryInfo` for people."""
    if not isinstance(error, OverloadedError) or code is not grpc.StatusCode.RESOURCE_EXHAUSTED:
        return ()
    milliseconds = ceil(seconds_of(error) * 1000)
    delay = Duration()
    delay.FromMilliseconds(milliseconds)
    detail = Any()
    detail.Pack(RetryInfo(retry_delay=delay))
    status = Status(code=code.value[0], message=str(error), details=[detail])
    return ((PUSHBACK, str(milliseconds)), (DETAILS, status.SerializeToString()))


def headers(error: Exception) -> dict[str, str]:
    """Give the headers that go with an error; OpenAI's and Anthropic's clients read the finer."""
    if not isinstance(error, OverloadedError):
        return {}
    seconds = seconds_of(error)
    return {"retry-after": str(ceil(seconds)), "retry-after-ms": str(ceil(seconds * 1000))}
