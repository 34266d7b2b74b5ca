"""Tokens: made at random, read from files, never shown again."""

import re
from pathlib import Path
from secrets import token_urlsafe

PREFIX = "gr_"
"""So that scanners of secrets know one when they see it."""
BYTES = 32
SHORTEST = 32
"""Characters of a token; a shorter one may be guessed from its hash."""
LARGEST = 4096
_REFERENCE = re.compile(r"\$\{env:[^}]*\}")
_TOKEN = re.compile(r"[!-~]+")


def made() -> str:
    """Make one."""
    return PREFIX + token_urlsafe(BYTES)


def is_reference(value: object) -> bool:
    """Whether what is written in a file is the name of an environment variable alone."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def held_in(path: Path) -> str:
    """Read the token that a file holds.

    Raises:
        ValueError: it holds none, or cannot be read; the message names the file alone.
    """
    try:
        with path.open("rb") as opened:
            written = opened.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ValueError(f"has a token file '{path}' that cannot be read: {reason}") from None
    return must_be_token(written.decode(errors="replace").strip())


def must_be_token(token: str) -> str:
    """Give a token.

    Raises:
        ValueError: it is none, or one that may be guessed.
    """
    if not _TOKEN.fullmatch(token) or len(token) > LARGEST:
        raise ValueError("has a token that is not one word of plain letters, digits and signs")
    if len(token) < SHORTEST:
        raise ValueError(
            f"has a token of {len(token)} characters, {SHORTEST} are needed: "
            "make one with 'guardrails access token'"
        )
    return token
