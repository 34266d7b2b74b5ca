"""Exit codes, as scripts rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    """Why the command ended."""

    FINE = 0
    BLOCKED = 1
    BAD_ARGUMENTS = 2
    BAD_POLICY = 3
    TESTS_FAILED = 4
    RUNTIME_FAILURE = 5


class BadArguments(Exception):  # noqa: N818  # the caller's, not ours
    """The arguments are well-formed but make no sense together."""
