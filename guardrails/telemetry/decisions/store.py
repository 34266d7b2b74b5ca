"""The seam of the log: where the chains are kept, one for each worker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from guardrails.telemetry.chain import Anchor

Make: TypeAlias = Callable[[Anchor], tuple[Sequence[bytes], Anchor]]
"""Makes the lines that follow the end of a chain, and tells the new end."""
Record: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Query:
    """Which records are wanted: all that is set must fit."""

    id: str = ""
    """Of the verdict; of one beside which a shadow policy judged as well."""
    since: str = ""
    """RFC 3339 in UTC, as records have it; included."""
    until: str = ""
    """Not included."""
    tenant: str | None = None
    policy: str = ""
    action: str = ""
    rule: str = ""
    """One that found something, failed or did not judge."""
    kinds: frozenset[str] = frozenset({"verdict", "refused", "shadow"})
    fingerprint: str = ""

    def fits(self, record: Record) -> bool:
        """Whether a record is wanted."""
        return (
            record["kind"] in self.kinds
            and (not self.id or self.id in {record.get("id"), record.get("of")})
            and (not self.since or record.get("at", "") >= self.since)
            and (not self.until or record.get("at", "") < self.until)
            and (self.tenant is None or record.get("tenant") == self.tenant)
            and (not self.policy or record.get("policy") == self.policy)
            and (not self.action or record.get("action") == self.action)
            and (not self.fingerprint or record.get("fingerprint") == self.fingerprint)
            and (not self.rule or self.rule in _speaking(record))
        )


def _speaking(record: Record) -> set[str]:
    return {one["rule"] for one in record.get("rules", ()) if one["outcome"] != "clear"}


@dataclass(frozen=True, slots=True)
class Old:
    """What retention lets go of: all up to a record, which has this hash."""

    through: Anchor
    records: int


class Store(Protocol):
    """Keeps lines. One store serves one thread at a time; several processes may share its place.

    Everything raises ``DecisionsError`` when the place cannot be read or written.
    """

    @property
    def place(self) -> str:
        """Where it is, without anything secret."""

    def append(self, worker: int, make: Make) -> Anchor:
        """Write what follows the end of a chain, all of it or nothing; give the new end."""

    def tend(self) -> None:
        """Do what is due now and then; called every second or so."""

    def workers(self) -> Sequence[int]:
        """The chains that there are."""

    def lines(self, worker: int) -> Iterator[bytes]:
        """All lines of a chain, the first first; one whose end was not written is ``Torn``."""

    def search(self, asked: Query) -> Iterator[Record]:
        """What fits, the newest first."""

    def rewrite(self, worker: int, change: Change) -> int:
        """Put other lines in the place of some; tell how many are other now."""

    def old(self, worker: int, before: datetime) -> Old | None:
        """Tell which of the oldest files, or rows, are older than a time; never the last."""

    def drop(self, worker: int, old: Old) -> None:
        """Let go of them."""

    def close(self) -> None:
        """Keep all that was written, and let go of the place."""
