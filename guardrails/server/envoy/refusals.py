"""What only a gateway's clients are told, and the headers that nobody but us may set."""

from guardrails.server.openai.failures import ANSWER
from guardrails.server.openai.replies import ACTION, DECISION, Reply, error

UNJUDGED = "x-guardrails-unjudged"
OURS = (ACTION, DECISION, UNJUDGED)


def too_large(most: int) -> Reply:
    """Refuse a request that is too long to be held."""
    return error(413, f"the body is longer than {most:,} bytes", "body_too_large")


def unread(why: str) -> Reply:
    """Refuse what the upstream said."""
    return error(ANSWER.status, f"the answer cannot be judged: {why}", ANSWER.code)
