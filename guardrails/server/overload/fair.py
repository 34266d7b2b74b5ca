"""Whose turn it is: deficit round robin over tenants (Shreedhar and Varghese, 1995). Pure."""

from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import Generic, TypeVar

T = TypeVar("T")

DUST = 1e-9
"""By which sums of weights may miss a whole number."""


@dataclass(slots=True, eq=False)
class Ticket(Generic[T]):
    """One that waits, and what it costs; once ``gone`` it is passed over.

    ``begun`` is for more of what was let in before: it goes before what is new of its tenant, or
    what was spent on it would be lost.
    """

    tenant: str
    places: int
    one: T
    begun: bool = False
    gone: bool = False


@dataclass(slots=True, eq=False)
class _Tenant(Generic[T]):
    """Those who wait for one tenant, in order.

    ``number``, ``places`` and ``begun_places`` are of who is not gone.
    """

    weight: float
    credit: float = 0.0
    begun: deque[Ticket[T]] = field(default_factory=deque)
    new: deque[Ticket[T]] = field(default_factory=deque)
    number: int = 0
    places: int = 0
    begun_places: int = 0

    def first(self) -> Ticket[T]:
        """Give the first that is not gone; there is one."""
        for queue in (self.begun, self.new):
            while queue and queue[0].gone:
                queue.popleft()
        return (self.begun or self.new)[0]

    def missing(self) -> float:
        """Give the credit that its first still needs."""
        return self.first().places - self.credit - DUST


class FairQueue(Generic[T]):
    """Who waits, by tenant: each gets places in proportion to its weight while others wait too."""

    def __init__(self) -> None:
        self._tenants: dict[str, _Tenant[T]] = {}
        self._ring: deque[_Tenant[T]] = deque()
        self.number = 0
        self.places = 0

    def waiting(self, tenant: str) -> int:
        """Give how many wait for a tenant."""
        return self._tenants[tenant].number if tenant in self._tenants else 0

    def ahead(self, tenant: str, weight: float, places: int, *, begun: bool = False) -> float:
        """Give the places that will be given to others before another one of this tenant is."""
        mine = self._tenants.get(tenant)
        own = 0 if mine is None else mine.begun_places if begun else mine.places
        share = (own + places) / weight
        others = (one for one in self._ring if one is not mine)
        return own + sum(min(one.places, share * one.weight) for one in others)

    def add(
        self, tenant: str, weight: float, places: int, one: T, *, begun: bool = False
    ) -> Ticket[T]:
        """Let one wait."""
        known = self._tenants.get(tenant)
        if known is None:
            known = self._tenants[tenant] = _Tenant(weight)
            self._ring.append(known)
        known.weight = weight
        ticket = Ticket(tenant, places, one, begun)
        (known.begun if begun else known.new).append(ticket)
        self._count(known, 1, ticket)
        return ticket

    def drop(self, ticket: Ticket[T]) -> None:
        """Let one go, wherever it stands; once is enough."""
        if ticket.gone:
            return
        ticket.gone = True
        tenant = self._tenants[ticket.tenant]
        self._count(tenant, -1, ticket)
        if not tenant.number:
            del self._tenants[ticket.tenant]
            self._ring.remove(tenant)

    def head(self) -> Ticket[T] | None:
        """Give whose turn it is; it stays his tenant's until it is taken, however long it takes."""
        for _ in range(len(self._ring)):
            if self._ring[0].missing() <= 0:
                return self._ring[0].first()
            self._ring.rotate(-1)
        if not self._ring:
            return None
        rounds = min(ceil(one.missing() / one.weight) for one in self._ring)
        for one in self._ring:
            one.credit += rounds * one.weight
        return self.head()

    def take(self, ticket: Ticket[T]) -> None:
        """Let the head go, served."""
        self._tenants[ticket.tenant].credit -= ticket.places
        self.drop(ticket)

    def _count(self, tenant: _Tenant[T], number: int, ticket: Ticket[T]) -> None:
        places = number * ticket.places
        tenant.number += number
        tenant.places += places
        tenant.begun_places += places if ticket.begun else 0
        self.number += number
        self.places += places
