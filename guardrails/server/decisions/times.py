"""Times as people write them, in the form that records have."""

from datetime import UTC, datetime

from guardrails.core.errors import ContentError
from guardrails.telemetry.decisions.record import moment


def moment_in(name: str, text: str) -> str:
    """Read a time: a date, or RFC 3339; without a zone it is UTC. An empty text stays empty.

    Raises:
        ContentError: it is none.
    """
    if not text:
        return ""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ContentError(
            f"{name}: '{text[:40]}' is no time, write 2026-01-31T12:00:00Z"
        ) from None
    return moment((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
