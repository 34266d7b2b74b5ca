"""Who asks at present, and on whose behalf it may: where services read it."""

from contextvars import ContextVar
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from guardrails.core.content import Caller, Content
from guardrails.core.errors import ForbiddenError
from guardrails.server.access.scopes import Scope

FORBIDDEN = "this caller may not do that, ask whoever runs the server"
"""Said for every reason, so that nobody learns which policies and tenants there are."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller that is known, and what it may do.

    Where ``any_tenant`` is set it may name the tenants that it asks for, else all is for its own.
    """

    name: str
    tenant: str = ""
    any_tenant: bool = False
    policies: tuple[str, ...] = ()
    scopes: frozenset[Scope] = frozenset()

    def must_have(self, scope: Scope) -> None:
        """See whether it may do something.

        Raises:
            ForbiddenError: it may not.
        """
        if scope not in self.scopes:
            raise ForbiddenError(FORBIDDEN)

    def may_use(self, policy: str) -> bool:
        """Whether it may have content judged by a policy."""
        return any(fnmatchcase(policy, glob) for glob in self.policies)

    def must_use(self, policy: str) -> None:
        """See whether it may, before anything tells whether there is such a policy.

        Raises:
            ForbiddenError: it may not.
        """
        if not self.may_use(policy):
            raise ForbiddenError(FORBIDDEN)

    def on_behalf(self, named: str) -> str:
        """Give the tenant that a request is for, which may name one.

        Raises:
            ForbiddenError: it is another's.
        """
        if named in {"", self.tenant} or self.any_tenant:
            return named or self.tenant
        raise ForbiddenError(FORBIDDEN)


ANYBODY = Identity("anybody", any_tenant=True, policies=("*",), scopes=frozenset(Scope))
"""Who asks where nobody has said who may."""

_ASKING: ContextVar[Identity] = ContextVar("guardrails_asking", default=ANYBODY)


def asking() -> Identity:
    """Give who asks at present."""
    return _ASKING.get()


def asked_by(identity: Identity) -> None:
    """Note who asks, for the rest of this task."""
    _ASKING.set(identity)


def admitted(content: Content, policy: str) -> Content:
    """Give content as it may be judged: on behalf of the tenant of whoever asks.

    Raises:
        ForbiddenError: the policy, or the tenant that is named, is not for whoever asks.
    """
    caller = admitted_caller(content.caller, policy)
    return content if caller is content.caller else replace(content, caller=caller)


def admitted_caller(caller: Caller, policy: str) -> Caller:
    """Give on whose behalf something is judged, as ``admitted``; raises what it raises."""
    identity = _ASKING.get()
    if identity is ANYBODY:
        return caller
    identity.must_use(policy)
    tenant = identity.on_behalf(caller.tenant)
    return caller if tenant == caller.tenant else replace(caller, tenant=tenant)
