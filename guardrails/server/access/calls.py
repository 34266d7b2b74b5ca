"""Lets gRPC calls in: each by its scope, or it is refused before anything of it is read."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import grpc

from guardrails.core.errors import (
    AccessError,
    ForbiddenError,
    UnknownCallerError,
    UnknownPolicyError,
)
from guardrails.server.access.attempts import Attempts
from guardrails.server.access.callers import UNKNOWN, Callers
from guardrails.server.access.identity import FORBIDDEN, Identity, asked_by
from guardrails.server.access.peers import names_in, token_in
from guardrails.server.access.scopes import MANAGEMENT, METHODS, Free, Scope
from guardrails.server.calls import Handler, call_of, rebuilt

CLOSED = (
    "this is closed here: start the server with --access FILE or --client-ca FILE, ask on a Unix "
    "socket for its owner alone, or start it with --open-management"
)
"""Said where nobody has said who may manage."""

Continue = Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]]


class Listed(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc ships no types
    """Lets in who is known, as far as their scopes go.

    Args:
        callers: gives those that are known at present.
        attempts: is told of those who are not let in.
        methods: what each needs, by full name; others are refused.
    """

    def __init__(
        self,
        callers: Callable[[], Callers],
        attempts: Attempts,
        methods: Mapping[str, Scope | Free] = METHODS,
    ) -> None:
        self._callers, self._attempts, self._methods = callers, attempts, methods

    async def intercept_service(
        self, continuation: Continue, details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """Give the handler behind a look at who asks."""
        handler = await continuation(details)
        needed = self._methods.get(details.method)
        if handler is None or needed is Free.ANYBODY:
            return handler
        known = None
        try:
            known = self._by_token(details)
            if known is not None:
                _must_be_allowed(known, needed)
        except AccessError as error:
            return self._refusing(error, known, details.method)
        return rebuilt(handler, self._entered(call_of(handler), known, needed, details.method))

    def _by_token(self, details: grpc.HandlerCallDetails) -> Identity | None:
        """Find who asks; None where a certificate has to tell, which is seen later."""
        callers = self._callers()
        token = token_in(details.invocation_metadata or ())
        if token is not None:
            return callers.by_token(token)
        if not callers.certificates:
            raise UnknownCallerError(UNKNOWN)
        return None

    def _entered(
        self, call: Handler, known: Identity | None, needed: Scope | Free | None, method: str
    ) -> Handler:
        async def answer(request: Any, context: grpc.aio.ServicerContext) -> Any:
            try:
                who = known or self._callers().by_certificate(names_in(context.auth_context()))
                asked_by(who)
                _must_be_allowed(who, needed)
                return await call(request, context)
            except UnknownPolicyError as error:
                raise UnknownPolicyError.of(error.name, filter(who.may_use, error.loaded)) from None
            except AccessError as error:
                self._attempts.note(error, method, context.peer())
                raise

        return answer

    def _refusing(
        self, error: AccessError, known: Identity | None, method: str
    ) -> grpc.RpcMethodHandler:
        """Refuse a call of any kind without reading what it sends."""

        async def refuse(_: Any, context: grpc.aio.ServicerContext) -> None:
            if known is not None:
                asked_by(known)
            self._attempts.note(error, method, context.peer())
            raise error

        return grpc.stream_stream_rpc_method_handler(refuse)


class Unlisted(grpc.aio.ServerInterceptor):  # type: ignore[misc]  # grpc ships no types
    """Lets in anybody where nobody has said who may: to manage on private ports alone."""

    def __init__(self, attempts: Attempts, *, is_private: bool) -> None:
        self._attempts, self._is_private = attempts, is_private

    async def intercept_service(
        self, continuation: Continue, details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """Give the handler, or one that refuses."""
        handler = await continuation(details)
        needed = METHODS.get(details.method)
        closed = needed is None or (needed in MANAGEMENT and not self._is_private)
        if handler is None or not closed:
            return handler
        method, error = details.method, ForbiddenError(CLOSED)

        async def refuse(_: Any, context: grpc.aio.ServicerContext) -> None:
            self._attempts.note(error, method, context.peer())
            raise error

        return grpc.stream_stream_rpc_method_handler(refuse)


def _must_be_allowed(who: Identity, needed: Scope | Free | None) -> None:
    """See whether a caller may use a method; one that is in no table is for nobody.

    Raises:
        ForbiddenError: it may not.
    """
    if needed is None:
        raise ForbiddenError(FORBIDDEN)
    if isinstance(needed, Scope):
        who.must_have(needed)
