"""Lets HTTP requests in by a token, in a header of its own: the usual one has another key."""

from collections.abc import Iterable

from guardrails.core.errors import AccessError, UnknownCallerError
from guardrails.server.access.callers import UNKNOWN, Callers
from guardrails.server.access.entry import Entry
from guardrails.server.access.identity import Identity, asked_by
from guardrails.server.access.scopes import Scope

TOKEN = "x-guardrails-token"  # noqa: S105  # the name of a header, which goes on to nobody


class Entrance:
    """Lets in who is known, where an entry says who is."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def let_in(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """See who asks, and note it for the rest of this task; names are in lower case.

        Raises:
            AccessError: nobody who may.
        """
        callers = self._entry.callers
        if callers is not None:
            who = _known(callers, headers)
            asked_by(who)
            who.must_have(Scope.EVALUATE)

    def note(self, error: AccessError, peer: str) -> None:
        """Take note of a request that was not let in."""
        self._entry.attempts.note(error, "proxy", peer)


def _known(callers: Callers, headers: Iterable[tuple[bytes, bytes]]) -> Identity:
    shown = [value for name, value in headers if name == TOKEN.encode()]
    if len(shown) != 1:
        raise UnknownCallerError(UNKNOWN)
    return callers.by_token(shown[0].decode(errors="replace"))
