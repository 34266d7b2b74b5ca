"""What a gRPC caller shows: a token in its metadata, names in its certificate."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from guardrails.core.errors import UnknownCallerError
from guardrails.server.access.callers import UNKNOWN, Named

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]

AUTHORIZATION = "authorization"
SCHEME = "bearer"
_NAMES = {"peer_uri": "uri", "peer_dns": "dns", "x509_common_name": "common_name"}
"""What gRPC calls them."""


def token_in(metadata: Metadata) -> str | None:
    """Give the token of a call; None where none is shown.

    Raises:
        UnknownCallerError: there are several, or what is shown is no bearer token.
    """
    shown = [value for key, value in metadata if key == AUTHORIZATION]
    if not shown:
        return None
    scheme, _, token = _text(shown[0]).partition(" ")
    if len(shown) > 1 or scheme.lower() != SCHEME or not token.strip():
        raise UnknownCallerError(UNKNOWN)
    return token.strip()


def names_in(shown: Mapping[str, Iterable[bytes]]) -> Iterator[Named]:
    """Give the names in a certificate that gRPC has verified."""
    for key, kind in _NAMES.items():
        for name in shown.get(key, ()):
            yield kind, name.decode(errors="replace")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode(errors="replace")
