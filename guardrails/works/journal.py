"""What was done to works, in a chain that shows when somebody has altered it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from guardrails.telemetry import chain
from guardrails.telemetry.chain import START, Anchor, Break, Link, digest
from guardrails.works.records import Record
from guardrails.works.work import Consent

__all__ = ["ACTS", "START", "Anchor", "Break", "Entry", "anchor", "chained", "verify"]

ACTS: Mapping[Consent, str] = {
    Consent.UNKNOWN: "protect",
    Consent.ALLOWED: "allow",
    Consent.OPTED_OUT: "opt_out",
    Consent.TAKEN_DOWN: "take_down",
}
"""What a change of consent is called in the journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What goes into a record before it has its place in the chain."""

    act: str
    collection: str
    work: str
    content_hash: str
    reason: str


def chained(entries: Iterable[Entry], end: Anchor) -> Iterator[Record]:
    """Give the records that follow the end of a journal, with the time as it is now."""
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    for number, entry in enumerate(entries, end.count + 1):
        record = Record(
            number,
            at,
            entry.act,
            entry.collection,
            entry.work,
            entry.content_hash,
            entry.reason,
            end.hash,
            _hash(number, at, entry, end.hash),
        )
        end = Anchor(number, record.hash)
        yield record


def anchor(records: Iterable[Record]) -> Anchor:
    """Give the end of a journal, to be kept where those who can write the journal cannot write."""
    end = START
    for record in records:
        end = Anchor(record.number, record.hash)
    return end


def verify(records: Iterable[Record], kept: Anchor = START) -> Break | None:
    """Tell the first record that was altered, dropped or moved; None when all are as written.

    See ``chain.verify`` on the anchor that was ``kept`` elsewhere.
    """
    return chain.verify(map(_link, records), kept)


def _link(record: Record) -> Link:
    entry = Entry(record.act, record.collection, record.work, record.content_hash, record.reason)
    true = _hash(record.number, record.at, entry, record.before)
    return Link(record.number, record.before, record.hash, true)


def _hash(number: int, at: str, entry: Entry, before: str) -> str:
    return digest(
        (
            number,
            at,
            entry.act,
            entry.collection,
            entry.work,
            entry.content_hash,
            entry.reason,
            before,
        )
    )
