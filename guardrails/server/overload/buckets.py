"""What each tenant has used up of what it may ask for. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

from guardrails.server.overload.shedding import Reason, Shed
from guardrails.server.overload.tenants import Tenants, Terms

MOST_TENANTS = 10_000
"""Remembered at a time; who asked longest ago is forgotten first, and then begins anew."""


@dataclass(slots=True)
class Bucket:
    """Tokens that come at a rate, as many as it holds.

    One token is enough to take any number: what is taken beyond is owed, and paid by waiting.
    """

    rate: float
    most: float
    level: float
    at: float

    @classmethod
    def full(cls, rate: float, seconds: float, now: float) -> "Bucket":
        """Give a full one, that fills within so many seconds."""
        most = max(1.0, rate * seconds)
        return cls(rate, most, most, now)

    def short(self, now: float) -> float:
        """Give the seconds until there is a token; 0 when there is one."""
        self.level = min(self.most, self.level + self.rate * (now - self.at))
        self.at = now
        return 0.0 if self.level >= 1.0 else (1.0 - self.level) / self.rate

    def take(self, tokens: float) -> None:
        """Take some."""
        self.level -= tokens


class Buckets:
    """The buckets of every tenant whose terms give it some."""

    def __init__(self, tenants: Tenants, most: int = MOST_TENANTS) -> None:
        self._tenants = tenants
        self._most = most
        self._pairs: OrderedDict[str, tuple[Bucket | None, Bucket | None]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pairs)

    def charge(self, tenant: str, requests: int, characters: int, now: float) -> None:
        """Take what a request takes; the rest of one that was let in is only charged.

        Raises:
            Shed: nothing is left, and this is the beginning of a request.
        """
        terms = self._tenants.terms(tenant)
        if terms.requests_per_second is None and terms.characters_per_second is None:
            return
        asked, said = self._pair(tenant, terms, now)
        if requests:
            _must_have(asked, "requests", Reason.REQUESTS, now)
            _must_have(said, "characters", Reason.CHARACTERS, now)
        if asked is not None:
            asked.take(requests)
        if said is not None:
            said.take(characters)

    def _pair(self, tenant: str, terms: Terms, now: float) -> tuple[Bucket | None, Bucket | None]:
        pair = self._pairs.get(tenant)
        if pair is None:
            asked, said = (
                None if rate is None else Bucket.full(rate, terms.burst_seconds, now)
                for rate in (terms.requests_per_second, terms.characters_per_second)
            )
            pair = self._pairs[tenant] = (asked, said)
            if len(self._pairs) > self._most:
                self._pairs.popitem(last=False)
        self._pairs.move_to_end(tenant)
        return pair


def _must_have(bucket: Bucket | None, what: str, reason: Reason, now: float) -> None:
    if bucket is None:
        return
    seconds = bucket.short(now)
    if seconds:
        message = f"{bucket.rate:g} {what} a second are used up, try again in {seconds:.3g} seconds"
        raise Shed(reason, message, retry_after=seconds)
