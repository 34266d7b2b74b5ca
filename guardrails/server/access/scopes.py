"""What there is to be allowed, and which of it each RPC needs. What is not here is refused."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """One thing that a caller may do."""

    EVALUATE = "evaluate"
    GATEWAY = "gateway"
    """Have what goes through Envoy judged."""
    FEEDBACK = "feedback"
    DETECT_MARKS = "detect_marks"
    EMBED_MARKS = "embed_marks"
    READ_WORKS = "read_works"
    MANAGE_WORKS = "manage_works"
    READ_STATUS = "read_status"
    RELOAD = "reload"
    READ_DECISIONS = "read_decisions"
    READ_FEEDBACK = "read_feedback"
    WITHDRAW_FEEDBACK = "withdraw_feedback"


MANAGEMENT = frozenset(
    {
        *(Scope.READ_WORKS, Scope.MANAGE_WORKS, Scope.READ_STATUS, Scope.RELOAD),
        *(Scope.READ_DECISIONS, Scope.READ_FEEDBACK, Scope.WITHDRAW_FEEDBACK),
    }
)
"""What is closed where nobody says who may, unless a port is private."""
JUDGING = frozenset({Scope.EVALUATE, Scope.GATEWAY})
"""What is done by policies, on behalf of tenants."""


class Free(StrEnum):
    """What needs no scope."""

    ANYBODY = "anybody"
    KNOWN = "known"
    """Any caller that is known."""


SERVICES: Mapping[str, Mapping[str, Scope | Free]] = MappingProxyType(
    {
        "grpc.health.v1.Health": {
            "Check": Free.ANYBODY,
            "List": Free.ANYBODY,
            "Watch": Free.ANYBODY,
        },
        "grpc.reflection.v1alpha.ServerReflection": {"ServerReflectionInfo": Free.KNOWN},
        "guardrails.v1.Guardrails": {
            "Evaluate": Scope.EVALUATE,
            "EvaluateStream": Scope.EVALUATE,
            "ListPolicies": Scope.EVALUATE,
        },
        "envoy.service.ext_proc.v3.ExternalProcessor": {"Process": Scope.GATEWAY},
        "guardrails.v1.Marks": {
            "Detect": Scope.DETECT_MARKS,
            "Embed": Scope.EMBED_MARKS,
            "List": Scope.DETECT_MARKS,
        },
        "guardrails.v1.Works": {
            "Add": Scope.MANAGE_WORKS,
            "Remove": Scope.MANAGE_WORKS,
            "SetConsent": Scope.MANAGE_WORKS,
            "Get": Scope.READ_WORKS,
            "List": Scope.READ_WORKS,
            "Search": Scope.READ_WORKS,
            "Lookup": Scope.READ_WORKS,
            "Stats": Scope.READ_WORKS,
            "Credits": Scope.READ_WORKS,
            "Journal": Scope.READ_WORKS,
        },
        "guardrails.v1.Operations": {"Reload": Scope.RELOAD, "Status": Scope.READ_STATUS},
        "guardrails.v1.Decisions": {
            "Get": Scope.READ_DECISIONS,
            "Query": Scope.READ_DECISIONS,
        },
        "guardrails.v1.Feedback": {"Report": Scope.FEEDBACK},
        "guardrails.v1.FeedbackReview": {
            "List": Scope.READ_FEEDBACK,
            "Withdraw": Scope.WITHDRAW_FEEDBACK,
        },
    }
)

METHODS: Mapping[str, Scope | Free] = MappingProxyType(
    {
        f"/{service}/{method}": needed
        for service, methods in SERVICES.items()
        for method, needed in methods.items()
    }
)
"""By full name, as gRPC gives it."""
