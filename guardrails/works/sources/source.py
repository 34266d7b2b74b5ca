"""The seam of imports: a source gives works one by one, and tells what it could not take."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from guardrails.works.errors import WorksError
from guardrails.works.library import Original
from guardrails.works.work import Consent, Kind


class SourceError(WorksError):
    """A source cannot be read at all; the message says the way out."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A work that cannot be taken: the place that it stands at, and why, with the way out."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What is no work of the kind that was asked for, and none that is broken."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


Item: TypeAlias = Original | Broken | PassedOver


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for each work of a source that does not say otherwise.

    Without a ``kind``, each work's own is guessed by its name and by how it begins. ``prefix``
    stands before each id.
    """

    kind: Kind | None = None
    owner: str = ""
    licence: str = ""
    consent: Consent = Consent.UNKNOWN
    contact: str = ""
    prefix: str = ""
    encoding: str = "utf-8"


PLAIN = Terms()
"""Nothing holds but what is said of each work."""


class Source(Protocol):
    """Gives works one at a time, in the same order at each reading: an import can go on."""

    def count(self) -> int:
        """Tell how many items there will be, for a person who waits."""

    def read(self) -> Iterator[Item]:
        """Give every item; content is read when its turn comes."""
