"""The file of tenants is read again with the policies."""

from collections.abc import Callable
from pathlib import Path

from guardrails.policy.identity import identity
from guardrails.server.admission import Admission
from guardrails.server.overload import tenants


class Following:
    """Has admission serve tenants by a file; what they have used up counts until it changes."""

    def __init__(self, path: Path, admission: Admission) -> None:
        self._path, self._admission = path, admission
        self._seen: tuple[int, ...] = ()

    def fit(self, _plans: object) -> Callable[[], None]:
        """Read the file where it has changed, and give what then serves by it.

        Raises:
            PolicyError: it is wrong.
        """
        seen = identity(self._path)
        if seen and seen == self._seen:
            return lambda: None
        read = tenants.load(self._path)

        def take() -> None:
            self._seen = seen
            self._admission.serve(read)

        return take
