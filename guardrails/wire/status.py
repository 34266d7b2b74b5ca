"""Errors and their status codes: one table, both ways."""

from collections.abc import Mapping
from types import MappingProxyType

import grpc

from guardrails.core.errors import (
    ContentError,
    GuardrailsError,
    ModelError,
    OverloadedError,
    PolicyError,
    SidecarError,
    UnknownPolicyError,
)
from guardrails.works.errors import UnknownWorkError, WorksError

CODES: Mapping[type[GuardrailsError], grpc.StatusCode] = MappingProxyType(
    {
        PolicyError: grpc.StatusCode.FAILED_PRECONDITION,
        UnknownPolicyError: grpc.StatusCode.NOT_FOUND,
        UnknownWorkError: grpc.StatusCode.NOT_FOUND,
        WorksError: grpc.StatusCode.UNAVAILABLE,
        ModelError: grpc.StatusCode.UNAVAILABLE,
        ContentError: grpc.StatusCode.INVALID_ARGUMENT,
        OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)

ERRORS: Mapping[grpc.StatusCode, type[GuardrailsError]] = MappingProxyType(
    {
        grpc.StatusCode.NOT_FOUND: UnknownPolicyError,
        grpc.StatusCode.INVALID_ARGUMENT: ContentError,
        grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
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
    error = SidecarError(told) if kind is None else kind(details)
    number = dict(failed.trailing_metadata() or ()).get(ERROR_ID)
    if number is not None:
        error.add_note(f"the sidecar's log has it as error {number}")
    return error
