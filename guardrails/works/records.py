"""Lines of the journal and of the ledger. Light: clients know them too."""

from dataclasses import dataclass
from datetime import datetime

from guardrails.works.work import Kind


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal: what was done to a work, and when; it holds the hash of the last.

    ``act`` is one of add, remove, protect, allow, opt_out, take_down; ``reason`` is in the
    operator's words.
    """

    number: int
    at: str
    act: str
    collection: str
    work: str
    content_hash: str
    reason: str
    before: str
    """The ``hash`` of the record before, empty for the first."""
    hash: str


@dataclass(frozen=True, slots=True)
class Credit:
    """One line of the ledger: what one verdict owes to one work; never the content itself.

    ``verdict`` is the id of the verdict, ``at`` the time with its zone, ``matched`` counts words
    of a text, tokens of code or one for a picture, ``share`` is how much of the answer they are.
    """

    verdict: str
    at: datetime
    policy: str
    collection: str
    work: str
    kind: Kind
    owner: str
    licence: str
    matched: int
    share: float


@dataclass(frozen=True, slots=True)
class Credited:
    """What one owner's works gave to answers in a time.

    ``queries`` counts verdicts, each once; ``words``, ``tokens`` and ``pictures`` what they gave.
    """

    owner: str
    queries: int
    words: int
    tokens: int
    pictures: int
