"""Why work is turned away."""

from enum import StrEnum

from guardrails.core.errors import OverloadedError


class Reason(StrEnum):
    """What there was too much of, or too little."""

    WAITING = "waiting"
    """As many requests wait as may."""
    BYTES = "bytes"
    """What waits is as large as it may be."""
    TENANT_WAITING = "tenant_waiting"
    """As many requests of one tenant wait as may."""
    LATE = "late"
    """Its time was over when it came."""
    DEADLINE = "deadline"
    """It would not be done in time."""
    EXPIRED = "expired"
    """Its time was over before its turn came."""
    REQUESTS = "requests"
    """The tenant's requests a second are used up."""
    CHARACTERS = "characters"
    """The tenant's characters a second are used up."""

    @property
    def is_theirs(self) -> bool:
        """Whether it is the tenant that asks for more than it may."""
        return self in {Reason.TENANT_WAITING, Reason.REQUESTS, Reason.CHARACTERS}

    @property
    def is_room(self) -> bool:
        """Whether it was room that was missing."""
        return self is not Reason.LATE and not self.is_theirs


class Shed(OverloadedError):  # noqa: N818  # the word for it, as in `Blocked`
    """Work that is turned away, and why."""

    def __init__(self, reason: Reason, message: str, *, retry_after: float | None = None) -> None:
        self.reason = reason
        super().__init__(message, retry_after=retry_after)
