"""Records in a chain, each with the hash of the one before: it shows when one was altered. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a chain at some time, kept elsewhere: proof that it once was so long."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is not what it was: the number of the first record that is wrong, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Link:
    """A record in its chain: what it says of itself and of the one before, and its true hash."""

    number: int
    before: str
    hash: str
    true: str


START = Anchor(0, "")
"""The end of a chain in which nothing stands yet."""


def digest(fields: Sequence[object]) -> str:
    """SHA-256 of canonical JSON: a list of all fields in their order, ASCII, without spaces."""
    return hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


def verify(links: Iterable[Link], kept: Anchor = START, *, start: Anchor = START) -> Break | None:
    """Tell the first record that was altered, dropped or moved; None when all are as written.

    ``start`` is the end of what came before the first of them. Only an anchor that was ``kept``
    elsewhere shows that the end was cut off, or that all was written anew: without one, a chain
    that is whole and shorter looks like a younger one.
    """
    end = start
    for link in links:
        if why := _wrong(link, end):
            return Break(end.count + 1, why)
        end = Anchor(link.number, link.hash)
        if end.count == kept.count and end.hash != kept.hash:
            return Break(end.count, "it differs from the anchor: the journal was written anew")
    if end.count < kept.count:
        return Break(end.count + 1, f"the anchor counts {kept.count} records, the rest is gone")
    return None


def _wrong(link: Link, end: Anchor) -> str:
    if link.number != end.count + 1:
        return f"record {link.number} stands in its place: records are missing or moved"
    if link.before != end.hash:
        return "it does not follow the record before it"
    if link.hash != link.true:
        return "it was altered after it was written"
    return ""
