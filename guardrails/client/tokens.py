"""Tokens that callers show: sent with every call, and never over a network in the clear."""

import re
from collections.abc import Callable
from typing import Any

_LOCAL = re.compile(r"unix(-abstract)?:.+|(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?")
"""Addresses that do not leave the machine."""
_TOKEN = re.compile(r"[!-~]+")


def must_stay_secret(token: str, address: str, *, encrypted: bool) -> None:
    """See that a token can be sent.

    Raises:
        ValueError: it would cross a network in the clear, or is no token.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError("the token is not one word of plain letters, digits and signs")
    if not encrypted and not _LOCAL.fullmatch(address):
        raise ValueError(
            f"the token would go to '{address}' in the clear: give credentials for TLS, "
            "or ask on a Unix socket or on loopback"
        )


class Introduced:
    """A channel whose calls carry a token; gRPC's own way refuses Unix sockets and loopback."""

    def __init__(self, channel: Any, token: str) -> None:
        self._channel = channel
        self._shown = (("authorization", f"Bearer {token}"),)
        self.close = channel.close

    def unary_unary(self, *given: Any, **named: Any) -> Callable[..., Any]:
        """Give what asks once for one answer."""
        return self._showing(self._channel.unary_unary(*given, **named))

    def unary_stream(self, *given: Any, **named: Any) -> Callable[..., Any]:
        """Give what asks once for many answers."""
        return self._showing(self._channel.unary_stream(*given, **named))

    def stream_unary(self, *given: Any, **named: Any) -> Callable[..., Any]:
        """Give what sends a stream, for one answer."""
        return self._showing(self._channel.stream_unary(*given, **named))

    def stream_stream(self, *given: Any, **named: Any) -> Callable[..., Any]:
        """Give what sends a stream, for another."""
        return self._showing(self._channel.stream_stream(*given, **named))

    def _showing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any, metadata: Any = None, **named: Any) -> Any:
            return call(*given, metadata=(*(metadata or ()), *self._shown), **named)

        return ask
