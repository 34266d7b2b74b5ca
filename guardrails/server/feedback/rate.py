"""How much feedback is taken in: of one tenant, and of all together."""

import time
from collections import OrderedDict
from collections.abc import Callable

from guardrails.core.errors import OverloadedError

ALL = 10
"""Times what one tenant may say, all tenants together may."""
_TENANTS = 10_000


class Rate:
    """A bucket for each tenant, refilled by the minute. For one event loop."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._all = (float(per_minute * ALL), clock())

    def take(self, tenant: str) -> None:
        """Take one from the bucket of a tenant.

        Raises:
            OverloadedError: it is empty.
        """
        now = self._clock()
        all_left = self._left(*self._all, now, self._per_minute * ALL)
        mine = self._buckets.pop(tenant, (float(self._per_minute), now))
        left = self._left(*mine, now, self._per_minute)
        is_full = left < 1 or all_left < 1
        self._buckets[tenant] = (left if is_full else left - 1, now)
        self._all = (all_left if is_full else all_left - 1, now)
        if len(self._buckets) > _TENANTS:
            self._buckets.popitem(last=False)
        if is_full:
            raise OverloadedError("feedback: there is too much of it, try again in a minute")

    def _left(self, left: float, since: float, now: float, most: float) -> float:
        return min(most, left + (now - since) * most / 60)
