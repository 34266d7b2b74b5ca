"""What can go wrong with seals."""

from guardrails.core.errors import ContentError


class SealError(ContentError):
    """A token cannot be opened here: it is over, altered, or somebody else's."""
