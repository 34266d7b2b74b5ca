"""Errors and their status codes: one table, both ways."""

from collections.abc import Mapping
from types import MappingProxyType

import grpc

from guardrails.core.errors import (
    ContentError,
    DecisionsError,
    ForbiddenError,
    GuardrailsError,
    ModelError,
    OverloadedError,
    PolicyError,
    SidecarError,
    UnknownCallerError,
    UnknownDecisionError,
    UnknownPolicyError,
    UnreachableError,
)
from guardrails.works.errors import UnknownWorkError, WorksError

CODES: Mapping[type[GuardrailsError], grpc.StatusCode] = MappingProxyType(
    {
        PolicyError: grpc.StatusCode.FAILED_PRECONDITION,
        UnknownPolicyError: grpc.StatusCode.NOT_FOUND,
        UnknownWorkError: grpc.StatusCode.NOT_FOUND,
        UnknownDecisionError: grpc.StatusCode.NOT_FOUND,
        DecisionsError: grpc.StatusCode.UNAVAILABLE,
        WorksError: grpc.StatusCode.UNAVAILABLE,
        ModelError: grpc.StatusCode.UNAVAILABLE,
        ContentError: grpc.StatusCode.INVALID_ARGUMENT,
        OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
        UnknownCallerError: grpc.StatusCode.UNAUTHENTICATED,
        ForbiddenError: grpc.StatusCode.PERMISSION_DENIED,
    }
)

ERRORS: Mapping[grpc.StatusCode, type[GuardrailsError]] = MappingProxyType(
    {
        grpc.StatusCode.NOT_FOUND: UnknownPolicyError,
        grpc.StatusCode.INVALID_ARGUMENT: ContentError,
        grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
        grpc.StatusCode.UNAUTHENTICATED: UnknownCallerError,
        grpc.StatusCode.PERMISSION_DENIED: ForbiddenError,
    }
)

WORKS_ERRORS: Mapping[grpc.StatusCode, type[GuardrailsError]] = MappingProxyType(
    {
        **ERRORS,
        grpc.StatusCode.NOT_FOUND: UnknownWorkError,
        grpc.StatusCode.UNAVAILABLE: WorksError,
    }
)
"""What the same statuses stand for when the `Works` service gives them."""

PUSHBACK = "grpc-retry-pushback-ms"
"""The trailing metadata that tells after how many milliseconds to try again."""
FEEDBACK_ERRORS: Mapping[grpc.StatusCode, type[GuardrailsError]] = MappingProxyType(
    {
        **ERRORS,
        grpc.StatusCode.NOT_FOUND: UnknownDecisionError,
        grpc.StatusCode.UNAVAILABLE: DecisionsError,
    }
)
"""What the same statuses stand for when the `Feedback` service gives them."""

ERROR_ID = "guardrails-error-id"
"""The trailing metadata that carries the id which the sidecar's log has too."""


def code_of(error: Exception) -> grpc.StatusCode:
    """Give the status for an error; anything that was not raised on purpose is INTERNAL."""
    return next(
        (code for kind, code in CODES.items() if isinstance(error, kind)),
        grpc.StatusCode.INTERNAL,
    )


def error_of(
    failed: grpc.RpcError, errors: Mapping[grpc.StatusCode, type[GuardrailsError]] = ERRORS
) -> GuardrailsError:
    """Give the error that a status stands for, on the client's side.

    Where the sidecar sent the id under which its log has the error, a note says it.
    """
    code, details = failed.code(), failed.details() or ""
    kind = errors.get(code)
    told = f"{code.name}: {details}" if details else code.name
    error = _ours(code)(told) if kind is None else kind(details)
    trailing = dict(failed.trailing_metadata() or ())
    if isinstance(error, OverloadedError):
        error.retry_after = _seconds(trailing.get(PUSHBACK))
    number = trailing.get(ERROR_ID)
    if number is not None:
        error.add_note(f"the sidecar's log has it as error {number}")
    return error


def _ours(code: grpc.StatusCode) -> type[SidecarError]:
    return UnreachableError if code is grpc.StatusCode.UNAVAILABLE else SidecarError


def _seconds(milliseconds: str | bytes | None) -> float | None:
    """Read a hint; what is no number, or below zero, says not to try again."""
    if isinstance(milliseconds, str) and milliseconds.isascii() and milliseconds.isdigit():
        return int(milliseconds) / 1000
    return None
