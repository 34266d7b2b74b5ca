"""All callers that are known, found by what they show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from guardrails.core.errors import UnknownCallerError
from guardrails.server.access.identity import Identity

UNKNOWN = "nobody here knows this caller, give a token or a certificate that is known"
"""Said for every reason, so that nobody learns how close a guess was."""
LONGEST = 4096
"""Characters of a token; more is none."""
KINDS = ("uri", "dns", "common_name")
"""What of a certificate may name a caller."""

Named = tuple[str, str]
"""A kind, and the name of it that a certificate has."""


@dataclass(frozen=True, slots=True)
class Callers:
    """By the SHA-256 of tokens, in hexadecimal, and by the names of client certificates."""

    tokens: Mapping[str, Identity]
    certificates: Mapping[Named, Identity]
    files: tuple[Path, ...] = ()
    """Those that hold tokens."""

    def by_token(self, token: str) -> Identity:
        """Find who has a token.

        What is looked up is its hash, of which whoever guesses can choose no letter: how long that
        takes tells at most of hashes, from which no token follows.

        Raises:
            UnknownCallerError: nobody.
        """
        found = self.tokens.get(digest_of(token))
        if found is None:
            raise UnknownCallerError(UNKNOWN)
        return found

    def by_certificate(self, names: Iterable[Named]) -> Identity:
        """Find whose a certificate is, by the names in it.

        Raises:
            UnknownCallerError: nobody's, or that of several.
        """
        found = {self.certificates[name] for name in names if name in self.certificates}
        if len(found) != 1:
            raise UnknownCallerError(UNKNOWN)
        return found.pop()


def digest_of(token: str) -> str:
    """Hash a token; one that is too long, or is no text, gives what no token has."""
    if not token or len(token) > LONGEST:
        return ""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
