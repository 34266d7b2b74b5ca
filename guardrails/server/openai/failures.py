"""How errors are told over HTTP, and counted: one table for every door."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from guardrails.core.errors import (
    ContentError,
    ForbiddenError,
    GuardrailsError,
    ModelError,
    OverloadedError,
    UnknownCallerError,
    UnknownPolicyError,
)
from guardrails.server.overload.shedding import Shed


class UpstreamError(GuardrailsError):
    """The model's server cannot be reached, broke off, or says what nobody understands."""

    def __init__(self, message: str, *, late: bool = False) -> None:
        self.late = late
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Way:
    """How an error is told, and ``counted``: the gRPC status that metrics know it by."""

    status: int
    code: str
    counted: str


WAYS: Mapping[type[Exception], Way] = MappingProxyType(
    {
        ContentError: Way(400, "request_unjudged", "INVALID_ARGUMENT"),
        OverloadedError: Way(503, "overloaded", "RESOURCE_EXHAUSTED"),
        UnknownCallerError: Way(401, "unknown_caller", "UNAUTHENTICATED"),
        ForbiddenError: Way(403, "forbidden", "PERMISSION_DENIED"),
        UpstreamError: Way(502, "upstream_failed", "UNAVAILABLE"),
        UnknownPolicyError: Way(503, "guard_failed", "NOT_FOUND"),
        ModelError: Way(503, "guard_failed", "UNAVAILABLE"),
    }
)
UNKNOWN = Way(503, "guard_failed", "INTERNAL")
LIMITED = Way(429, "rate_limited", "RESOURCE_EXHAUSTED")
"""When it is the tenant that asks for more than it may."""
LATE = Way(504, "upstream_failed", "DEADLINE_EXCEEDED")
ANSWER = Way(502, "answer_unjudged", "INVALID_ARGUMENT")
"""When it is the model's server that sent what cannot be judged."""


def way_of(failure: Exception, *, answering: bool = False) -> Way:
    """Give how an error is told; ``answering`` when the model's server had its say."""
    if answering and isinstance(failure, ContentError):
        return ANSWER
    if isinstance(failure, UpstreamError) and failure.late:
        return LATE
    if isinstance(failure, Shed) and failure.reason.is_theirs:
        return LIMITED
    return next((way for kind, way in WAYS.items() if isinstance(failure, kind)), UNKNOWN)


def words_of(failure: Exception, way: Way, number: str = "") -> str:
    """Give an error of ours its words; any other is bland, with a number to look up."""
    if not isinstance(failure, GuardrailsError):
        return f"the request cannot be judged: internal error {number}"
    return f"the answer cannot be judged: {failure}" if way is ANSWER else str(failure)
