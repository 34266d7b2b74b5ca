"""What was done to works, in a chain that shows when somebody has altered it. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from guardrails.works.records import Record
from guardrails.works.work import Consent

ACTS: Mapping[Consent, str] = {
    Consent.UNKNOWN: "protect",
    Consent.ALLOWED: "allow",
    Consent.OPTED_OUT: "opt_out",
    Consent.TAKEN_DOWN: "take_down",
}
"""What a change of consent is called in the journal."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a journal at some time, kept elsewhere: proof that it once was so long."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What goes into a record before it has its place in the chain."""

    act: str
    collection: str
    work: str
    content_hash: str
    reason: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a journal is not what it was: the number of the first record that is wrong, and why."""

    number: int
    why: str


START = Anchor(0, "")
"""The end of a journal in which nothing stands yet."""


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

    Only an anchor that was kept elsewhere shows that the end was cut off, or that all was
    written anew: without one, a chain that is whole and shorter looks like a younger one.
    """
    end = START
    for record in records:
        if why := _wrong(record, end):
            return Break(end.count + 1, why)
        end = Anchor(record.number, record.hash)
        if end.count == kept.count and end.hash != kept.hash:
            return Break(end.count, "it differs from the anchor: the journal was written anew")
    if end.count < kept.count:
        return Break(end.count + 1, f"the anchor counts {kept.count} records, the rest is gone")
    return None


def _wrong(record: Record, end: Anchor) -> str:
    if record.number != end.count + 1:
        return f"record {record.number} stands in its place: records are missing or moved"
    if record.before != end.hash:
        return "it does not follow the record before it"
    entry = Entry(record.act, record.collection, record.work, record.content_hash, record.reason)
    if record.hash != _hash(record.number, record.at, entry, record.before):
        return "it was altered after it was written"
    return ""


def _hash(number: int, at: str, entry: Entry, before: str) -> str:
    """SHA-256 of canonical JSON: a list of all fields in their order, ASCII, without spaces."""
    fields = [
        number,
        at,
        entry.act,
        entry.collection,
        entry.work,
        entry.content_hash,
        entry.reason,
        before,
    ]
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()
